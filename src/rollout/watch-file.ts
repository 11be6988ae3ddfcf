/** Detects changes of the policy file, in place or by replacement. */
import { watch } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';

/** Editors write in several steps: the file is read after this long without an event. */
const QUIET_MS = 100;
/** Where the file never rests it is read all the same, after so long. */
const LONGEST_MS = 1000;

/** The link that Kubernetes swaps when a mounted ConfigMap changes; its files are links through this one. */
const LINK = '..data';

/**
 * Watches the folder, because editors replace files and Kubernetes swaps a link beside them. A shipped
 * policy, which has no path, is not watched.
 * @returns a function that stops watching
 */
export function watchPolicyFile(reference: string, onChange: () => void): () => void {
  if (!isAbsolute(reference)) return () => {};
  const name = basename(reference);
  let quiet: NodeJS.Timeout | undefined;
  let latestMs = Infinity;
  const read = (): void => {
    latestMs = Infinity;
    onChange();
  };
  const watcher = watch(dirname(reference), { persistent: false }, (_, changedName) => {
    // Other files of the folder, such as the ledger, are ignored; some systems do not name what changed.
    if (changedName !== null && changedName !== name && changedName !== LINK) return;
    clearTimeout(quiet);
    const nowMs = performance.now();
    latestMs = Math.min(latestMs, nowMs + LONGEST_MS);
    quiet = setTimeout(read, Math.min(QUIET_MS, Math.max(0, latestMs - nowMs))).unref();
  });
  // The folder was removed: the loaded policy stays, and `SIGHUP` still works.
  watcher.on('error', () => watcher.close());
  return () => {
    clearTimeout(quiet);
    watcher.close();
  };
}
