/** `SIGHUP` means two things: read the policy again, or the terminal was closed. */
import { closeSync, openSync } from 'node:fs';

interface SighupActions {
  readonly reload: () => void;
  readonly stop: () => void;
}

/** Signals of this time are one: each reload takes the thread that serves for some milliseconds. */
const TOGETHER_MS = 200;

/** Stops the process if it was started in a terminal that is gone now; otherwise reloads. */
export function onSighup({ reload, stop }: SighupActions): void {
  const startedInTerminal = hasTerminal();
  let due: NodeJS.Timeout | undefined;
  process.on('SIGHUP', () => {
    if (startedInTerminal && !hasTerminal()) return stop();
    due ??= setTimeout(() => {
      due = undefined;
      reload();
    }, TOGETHER_MS).unref();
  });
}

/** Opening the controlling terminal fails with `ENXIO` after it was closed, or if there is none. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
