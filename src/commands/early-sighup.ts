/**
 * `SIGHUP` while the program is still being read. Without a listener it would end the process, and a supervisor may reload one that
 * it has just started.
 */
import { closeSync, openSync } from 'node:fs';

export interface NotedSighups {
  /** Whether one came. */
  readonly isAsked: boolean;
  readonly startedInTerminal: boolean;
}

let noted: { isAsked: boolean; readonly startedInTerminal: boolean } | undefined;
const note = (): void => {
  if (noted !== undefined) noted.isAsked = true;
};

/** Notes them from now on, where these arguments serve: any other command ends with its terminal. */
export function noteSighups([command = 'serve']: readonly string[]): void {
  if (command !== 'serve' && !command.startsWith('-')) return;
  noted = { isAsked: false, startedInTerminal: hasTerminal() };
  process.on('SIGHUP', note);
}

/** What was noted, for who heeds them from here on. */
export function takeNotedSighups(): NotedSighups {
  process.off('SIGHUP', note);
  const taken = noted ?? { isAsked: false, startedInTerminal: hasTerminal() };
  noted = undefined;
  return taken;
}

/** Opening the controlling terminal fails with `ENXIO` after it was closed, or if there is none. */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
