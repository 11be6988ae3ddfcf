/** How often something goes to the kernel: counted there by thread, and at the sockets here. */
import { existsSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';

/** Of Linux, for the thread that reads it; waits for events are not in it. */
const THREAD_IO = '/proc/thread-self/io';

export const countsCalls = existsSync(THREAD_IO);

/** Reads and writes of this thread meanwhile, those that wake other threads included; NaN where the system does not count them. */
export async function callsMadeBy(work: () => Promise<unknown>): Promise<number> {
  const before = callsSoFar();
  await work();
  return callsSoFar() - before;
}

function callsSoFar(): number {
  if (!countsCalls) return Number.NaN;
  const counted = readFileSync(THREAD_IO, 'utf8');
  return Number(/syscr: (\d+)/.exec(counted)?.[1]) + Number(/syscw: (\d+)/.exec(counted)?.[1]);
}

/** Pieces that are handed to sockets of this process meanwhile, by whomever: each is a call of its own. */
export async function socketWritesOf(work: () => Promise<unknown>): Promise<number> {
  const { _write: one, _writev: several } = Socket.prototype;
  let writes = 0;
  const counting = {
    _write(this: Socket, ...given: Parameters<typeof one>): void {
      writes += 1;
      one.apply(this, given);
    },
    _writev(this: Socket, ...given: Parameters<NonNullable<typeof several>>): void {
      writes += 1;
      several?.apply(this, given);
    },
  };
  Object.assign(Socket.prototype, counting);
  try {
    await work();
    return writes;
  } finally {
    Object.assign(Socket.prototype, { _write: one, _writev: several });
  }
}
