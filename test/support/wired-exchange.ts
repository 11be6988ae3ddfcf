/** An exchange whose socket is played by the test, by way of undici's port. */
import type { Dispatcher } from 'undici';
import {
  exchange,
  type Exchange,
  type ExchangeOptions,
} from '../../src/upstreams/http/exchange.ts';
import { patient } from './ask-upstream.ts';

/** Two turns of the loop, in which is read what came in time. */
export const TURNS_MS = 2;

/** The socket's side of undici's port, driven by the test. */
export interface Wire {
  readonly handler: Required<Dispatcher.DispatchHandler>;
  readonly controller: Dispatcher.DispatchController;
  readonly calls: string[];
}

export function wired(over: Partial<ExchangeOptions> = {}): {
  wire: Wire;
  asked: Promise<Exchange>;
} {
  const calls: string[] = [];
  let isPaused = false;
  let reason: Error | null = null;
  const controller: Dispatcher.DispatchController = {
    get aborted() {
      return reason !== null;
    },
    get paused() {
      return isPaused;
    },
    get reason() {
      return reason;
    },
    abort: (error) => {
      reason = error;
      calls.push('abort');
    },
    pause: () => {
      isPaused = true;
      calls.push('pause');
    },
    resume: () => {
      isPaused = false;
      calls.push('resume');
    },
  };
  let handler: Dispatcher.DispatchHandler = {};
  const dispatcher = {
    dispatch: (_options: unknown, given: Dispatcher.DispatchHandler) => {
      handler = given;
      return true;
    },
  };
  // Nothing but `dispatch` is called.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const kept = dispatcher as unknown as Dispatcher;
  const to = { origin: 'http://m', kept, fresh: () => kept, destroy: () => Promise.resolve() };
  const asked = exchange(to, {
    upstream: 'm',
    path: '/',
    method: 'GET',
    headers: [],
    body: null,
    connectMs: 200,
    firstByteMs: 1000,
    idleMs: 100,
    abort: patient,
    ...over,
  });
  // The exchange has all the methods that are called here.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const wire = { handler: handler as Required<Dispatcher.DispatchHandler>, controller, calls };
  return { wire, asked };
}

export async function headed(
  over: Partial<ExchangeOptions> = {},
): Promise<{ wire: Wire; from: Exchange }> {
  const { wire, asked } = wired(over);
  wire.handler.onRequestStart(wire.controller, {});
  wire.handler.onResponseStart(wire.controller, 200, {});
  return { wire, from: await asked };
}
