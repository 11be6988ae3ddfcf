/** Notices that a policy file was changed, however its editor or its mount goes about it. */
import { watch } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';

/** Editors write in several steps: the file is read when it has been quiet for this long. */
const QUIET_MS = 100;

/** What Kubernetes swaps when a mounted ConfigMap changes; the files in it are links through this one. */
const LINK = '..data';

/**
 * Watches the folder, because files are replaced more often than they are written to (editors, and
 * Kubernetes, which swaps a link beside it). A shipped policy, which has no path, does not change.
 * @returns what ends it
 */
export function watchPolicyFile(reference: string, changed: () => void): () => void {
  if (!isAbsolute(reference)) return () => {};
  const name = basename(reference);
  let quiet: NodeJS.Timeout | undefined;
  const watcher = watch(dirname(reference), { persistent: false }, (_, changedName) => {
    // A busy neighbour, such as the ledger, is no change; some systems do not name what changed.
    if (changedName !== null && changedName !== name && changedName !== LINK) return;
    clearTimeout(quiet);
    quiet = setTimeout(changed, QUIET_MS).unref();
  });
  // The folder is gone: what was loaded stays, and SIGHUP still reads.
  watcher.on('error', () => watcher.close());
  return () => {
    clearTimeout(quiet);
    watcher.close();
  };
}
