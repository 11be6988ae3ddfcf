/** Detects changes of the policy file, in place or by replacement. */
import { watch } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';

/** Editors write in several steps: the file is read after this long without an event. */
const QUIET_MS = 100;

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
  const watcher = watch(dirname(reference), { persistent: false }, (_, changedName) => {
    // Other files of the folder, such as the ledger, are ignored; some systems do not name what changed.
    if (changedName !== null && changedName !== name && changedName !== LINK) return;
    clearTimeout(quiet);
    quiet = setTimeout(onChange, QUIET_MS).unref();
  });
  // The folder was removed: the loaded policy stays, and `SIGHUP` still works.
  watcher.on('error', () => watcher.close());
  return () => {
    clearTimeout(quiet);
    watcher.close();
  };
}
