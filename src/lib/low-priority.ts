import { constants, setPriority } from 'node:os';

/** Whom nobody waits for in a hurry lets the rest of the process go first: on Linux a priority is a thread's own. */
export function lowerPriority(): void {
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
