/**
 * Ends a worker that hangs. One whose event loop stands still closes no connection and reads no order: its callers would wait for ever,
 * and so would whoever stops the gateway.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Member } from './member.ts';

type Watched = Pick<Member, 'number' | 'ended' | 'kill'> & {
  readonly line: Pick<Member['line'], 'ask'>;
};

interface Watching {
  readonly say: (line: string) => void;
  /** How long an answer is waited for, and how long after one the next is asked for. Milliseconds. */
  readonly everyMs?: number;
}

/** No work of a worker's takes as long, on the slowest machine. */
const EVERY_MS = 15_000;
/** In a row: after a machine or a container was frozen, all that was asked before is late. */
const MOST_MISSED = 3;

/** Resolves when the worker has ended, or was ended. */
export async function endHung(
  member: Watched,
  { say, everyMs = EVERY_MS }: Watching,
): Promise<void> {
  let isOver = false;
  const ended = member.ended.finally(() => {
    isOver = true;
  });
  let missed = 0;
  while (missed < MOST_MISSED) {
    const answers = member.line.ask('alive', null, everyMs).then(
      () => true,
      () => false,
    );
    missed = (await answers) ? 0 : missed + 1;
    if (missed === 0) await Promise.race([ended, wait(everyMs, undefined, { ref: false })]);
    if (isOver) return;
  }
  say(
    `Worker ${member.number} has answered nothing for ${(MOST_MISSED * everyMs) / 1000} s and is ended.`,
  );
  member.kill();
}
