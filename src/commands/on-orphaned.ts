/** `npm start` as a parent: it passes a signal to its shell, which ends without passing it on. */

const LOOK_EVERY_MS = 500;

/** Calls `stop` once when the process that ran this script for npm is gone; never without npm. */
export function onOrphaned(
  env: Readonly<Record<string, string | undefined>>,
  stop: () => void,
): void {
  if (env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    stop();
  }, LOOK_EVERY_MS);
  looking.unref();
}
