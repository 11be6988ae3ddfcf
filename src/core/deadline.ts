/** How long a request may wait for state that is kept elsewhere, and what it does without an answer. */
import type { Soon } from '../lib/soon.ts';

/** Every port whose answer a request may wait for; also the label of the metric. */
export const STATE_PORTS = [
  'answers',
  'auth',
  'breakers',
  'conversations',
  'responses',
  'stored_responses',
] as const;
export type StatePort = (typeof STATE_PORTS)[number];

/** One for a request: all of its shared state together may take so long. Only time spent waiting counts. */
export interface Deadline {
  /** Milliseconds that are left. */
  readonly ms: number;
  expired(): boolean;
}

/** The deadline as it is kept by whoever asks a port, so that no port has to be trusted with it. */
export interface StateDeadline extends Deadline {
  /**
   * The port's answer; `unknown()` where it is a promise that takes too long, or rejects. A `GatewayError`
   * is an answer and is passed on. An answer that is no promise is given back as it is: no promise is made.
   */
  known<T>(port: StatePort, answer: Soon<T>, unknown: () => T): Soon<T>;
}

/** For a call that has no shared state to wait for, such as a command's: a promise counts as unknown at once. */
export const NO_WAITING: StateDeadline = {
  ms: 0,
  expired: () => true,
  known: (_port, answer, unknown) => {
    if (!(answer instanceof Promise)) return answer;
    answer.catch(() => {});
    return unknown();
  },
};
