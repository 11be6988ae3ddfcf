/** How a worker learns that it is one: by its environment, beside the channel to its primary. */
import type { Seat } from '../../workers/calls.ts';

const VARIABLE = 'SMALLFIRST_WORKER';

export const seatVariable = ({ number, count }: Seat): Readonly<Record<string, string>> => ({
  [VARIABLE]: `${number}/${count}`,
});

/** Undefined where nobody started it as a worker. */
export function seatOf(env: Readonly<Record<string, string | undefined>>): Seat | undefined {
  const [, number, count] = /^(\d+)\/(\d+)$/.exec(env[VARIABLE] ?? '') ?? [];
  return process.send === undefined || count === undefined
    ? undefined
    : { number: Number(number), count: Number(count) };
}
