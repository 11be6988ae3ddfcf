/** A process with so much memory and no more, by the kernel's control groups (either version). Needs the right to make one. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MemoryCage {
  /** For `sh -c`: whoever runs it is in. */
  readonly enter: string;
  /** The most that was ever taken, in bytes. */
  peak(): number;
  close(): void;
}

const V1 = '/sys/fs/cgroup/memory';
const V2 = '/sys/fs/cgroup';
const NAMES = existsSync(join(V1, 'memory.limit_in_bytes'))
  ? { root: V1, limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes' }
  : { root: V2, limit: 'memory.max', peak: 'memory.peak' };

/** @returns undefined where nobody here may make one */
export function memoryCage(bytes: number): MemoryCage | undefined {
  const folder = join(NAMES.root, `smallfirst-test-${process.pid}-${bytes}`);
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, NAMES.limit), String(bytes));
    readFileSync(join(folder, NAMES.peak));
  } catch {
    if (existsSync(folder)) rmdirSync(folder);
    return undefined;
  }
  return {
    enter: `echo $$ > ${join(folder, 'cgroup.procs')}`,
    peak: () => Number(readFileSync(join(folder, NAMES.peak), 'utf8')),
    close: () => rmdirSync(folder),
  };
}
