/** `SIGHUP` means two things: read the policy again, or the terminal was closed. */
import { closeSync, openSync } from 'node:fs';

interface SighupActions {
  readonly reload: () => void;
  readonly stop: () => void;
}

/** Stops the process if it was started in a terminal that is gone now; otherwise reloads. */
export function onSighup({ reload, stop }: SighupActions): void {
  const startedInTerminal = hasTerminal();
  process.on('SIGHUP', () => {
    if (startedInTerminal && !hasTerminal()) stop();
    else reload();
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
