/** Resident memory and processor time of a process, from the kernel. */
import { readFileSync } from 'node:fs';

/** MB (10^6 bytes) resident now; NaN where the system has no /proc. */
export function residentMb(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
  } catch {
    return Number.NaN;
  }
}

/** Kernel ticks a second; Linux says 100 to every program. */
const TICKS = 100;

/** Seconds of processor time so far, user and system, all threads, ended ones included; in ticks of 10 ms; NaN where the system has no /proc. */
export function cpuSeconds(pid: number): number {
  try {
    // The name in brackets may hold spaces; what follows it does not.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return Number.NaN;
  }
}

export interface Watch {
  /** Ends it; the largest figure seen. */
  readonly stop: () => number;
}

const LOOK_EVERY_MS = 200;

export function watchMemory(pid: number): Watch {
  let largest = 0;
  const timer = setInterval(() => {
    const now = residentMb(pid);
    // Not a number once the process has ended.
    if (now > largest) largest = now;
  }, LOOK_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return largest;
    },
  };
}
