/** `SIGHUP` means two things: read the policy again, or the terminal was closed. */
import { hasTerminal, takeNotedSighups } from './early-sighup.ts';

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
  let reload: (() => void) | undefined;
  let isAsked = false;
  let due: NodeJS.Timeout | undefined;
  const soon = (): void => {
    due ??= setTimeout(() => {
      due = undefined;
      reload?.();
    }, TOGETHER_MS).unref();
  };
  const heed = (): void => {
    isAsked = true;
    if (noted.startedInTerminal && !hasTerminal()) process.kill(process.pid, 'SIGTERM');
    else if (reload !== undefined) soon();
  };
  // Before the other listener goes: without any, a signal ends the process.
  process.on('SIGHUP', heed);
  const noted = takeNotedSighups();
  if (noted.isAsked) heed();
  return {
    started: (given) => {
      reload = given;
      if (isAsked) soon();
    },
  };
}
