/** SIGHUP means two things: somebody wants the policy read again, or the terminal was closed. */
import { closeSync, openSync } from 'node:fs';

interface Meanings {
  readonly reload: () => void;
  readonly leave: () => void;
}

/** Who started it in a terminal and closes that wants it gone; everybody else's SIGHUP is a reload. */
export function onSighup({ reload, leave }: Meanings): void {
  const began = hasTerminal();
  // Nobody is there to read it any more, and that must not end the process in the middle of an answer.
  process.stderr.on('error', () => {});
  process.on('SIGHUP', () => {
    if (began && !hasTerminal()) leave();
    else reload();
  });
}

/** The controlling terminal can be opened as long as it is there (ENXIO after it was closed, or without one). */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
