/** `SIGHUP` means two things: read the policy again, or the terminal was closed. */
import { closeSync, openSync } from 'node:fs';

/** Signals of this time are one: each reload takes the thread that serves for some milliseconds. */
const TOGETHER_MS = 200;

export interface Sighups {
  /** From the end of the start on: one that came before it reloads now. */
  started(reload: () => void): void;
}

/**
 * Heeds them from now on: stops the process by `SIGTERM` if it was started in a terminal that is gone now; otherwise reloads,
 * as soon as it has started.
 */
export function heedSighups(): Sighups {
  const startedInTerminal = hasTerminal();
  let reload: (() => void) | undefined;
  let isAsked = false;
  let due: NodeJS.Timeout | undefined;
  const soon = (): void => {
    due ??= setTimeout(() => {
      due = undefined;
      reload?.();
    }, TOGETHER_MS).unref();
  };
  process.on('SIGHUP', () => {
    isAsked = true;
    if (startedInTerminal && !hasTerminal()) process.kill(process.pid, 'SIGTERM');
    else if (reload !== undefined) soon();
  });
  return {
    started: (given) => {
      reload = given;
      if (isAsked) soon();
    },
  };
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
