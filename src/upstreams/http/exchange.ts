/** One HTTP exchange with an upstream over undici's dispatcher: no fetch, no web streams, one timer. */
import type { UpstreamError } from '../../core/errors.ts';
import { afterPoll } from '../../lib/after-poll.ts';
import type { Connections } from './connections.ts';
import { abortedError, StaleConnectionError } from './exchange-errors.ts';
import { streamedBody, withLength } from './request-body.ts';
import type { ExchangeOptions } from './exchange-options.ts';
import { RunningExchange, type Asking, type Exchange } from './running-exchange.ts';
import type { Sender, SentOptions } from './sender.ts';

export type { Exchange, ExchangeOptions };

/**
 * Sends, and resolves when the answer's head is there, or its end (`isWhole`). Where a kept connection turns out to have been closed
 * by the peer, it sends once more on a fresh one, unless that might be paid for twice: whether the peer had read a request before
 * it closed cannot be known. Whoever pays decides then (`isOnKept` of the error).
 * @throws UpstreamError `unreachable`, `timeout`, `interrupted` or `aborted`.
 */
export function exchange(to: Connections, options: ExchangeOptions): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    if (options.isOnFresh === true) return sendFresh(to, options, { resolve, reject });
    const again = (error: UpstreamError): void => {
      if (error instanceof StaleConnectionError) sendFresh(to, options, { resolve, reject });
      else reject(error);
    };
    sendOnce(to, to.kept, options, { resolve, reject: again });
  });
}

function sendFresh(to: Connections, options: ExchangeOptions, asking: Asking): void {
  const fresh = to.fresh();
  sendOnce(to, fresh, options, asking);
  // Closes once the answer is over.
  fresh.close().catch(() => {});
}

function sendOnce(
  { origin, proxyHost }: Connections,
  dispatcher: Sender,
  options: ExchangeOptions,
  asking: Asking,
): void {
  if (options.abort.aborted) return asking.reject(abortedError(options));
  const running = new RunningExchange(options, proxyHost, asking);
  const { path, method, body } = options;
  const request: SentOptions = {
    origin,
    path,
    method,
    body: streamedBody(body),
    headers: withLength(options.headers, body),
    // This class times both limits: undici's own would abort a slow local model after 300 s.
    headersTimeout: 0,
    bodyTimeout: 0,
    assigned: (connection) => running.assigned(connection),
  };
  // A request that breaks is not sent again: a closed peer is noticed before sending, not afterwards.
  if (options.isSentOnce === true && dispatcher.mayBeStale?.(request) !== false)
    afterPoll(() => dispatch(dispatcher, request, running));
  else dispatch(dispatcher, request, running);
}

function dispatch(to: Sender, request: SentOptions, running: RunningExchange): void {
  try {
    to.dispatch(request, running);
  } catch (error) {
    running.broken(error);
  }
}
