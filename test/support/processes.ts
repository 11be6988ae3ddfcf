/** Processes that another one started. */
import { readdir, readFile } from 'node:fs/promises';

/** Of Linux: the children of a process, that end with it or not. */
export async function workersOf(parent: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      // Behind the name in brackets: the state, then the parent.
      const [state, of] = status.slice(status.lastIndexOf(')') + 2).split(' ');
      return Number(of) === parent && state !== 'Z' ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
