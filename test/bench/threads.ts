/** Processor time of each thread of a process, from the kernel's scheduler. */
import { readdirSync, readFileSync } from 'node:fs';

/** Nanoseconds that a process ran so far. */
export interface ProcessNs {
  /** The thread that runs JavaScript: its id is that of the process. */
  readonly main: number;
  /** All threads that live now. */
  readonly all: number;
}

/** Both are NaN where the system has no `/proc/PID/schedstat`. */
export function processNs(pid: number): ProcessNs {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const all = threads.map((thread) => threadNs(pid, thread)).reduce((sum, ns) => sum + ns, 0);
    return { main: threadNs(pid, String(pid)), all };
  } catch {
    return { main: Number.NaN, all: Number.NaN };
  }
}

/** The first figure of schedstat is the time on the processor; `/proc/PID/stat` counts in ticks of 10 ms. */
function threadNs(pid: number, thread: string): number {
  const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1);
  return Number(ran);
}
