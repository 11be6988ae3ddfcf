/** What an exchange is begun with. */
import type { EgressObserver } from '../../core/upstream.ts';
import type { TurnBarrier } from '../../lib/turns.ts';
import type { RequestBody } from './request-body.ts';

export interface ExchangeOptions {
  /** Named in errors. */
  readonly upstream: string;
  readonly path: string;
  readonly method: string;
  /** Name, value, name, value; undici's type is not readonly. */
  readonly headers: string[];
  /** In pieces where it is long. */
  readonly body: RequestBody;
  /** Limit until the request is sent on a connection: name look-up, TCP, TLS. */
  readonly connectMs: number;
  /** From then until `answered` is called; bytes of the body start it anew, up to a cap. */
  readonly firstByteMs: number;
  /** Limit between chunks after that, counted only while they are wanted. */
  readonly idleMs: number;
  readonly abort: AbortSignal;
  /** The server may have read the request, and may bill it, although it did not answer. */
  readonly isSentOnce?: boolean | undefined;
  readonly isOnFresh?: boolean | undefined;
  /** Told of the body's bytes, once they are written. */
  readonly egress?: Pick<EgressObserver, 'bytesSent'> | undefined;
  /** The answer is read whole: a short one that succeeds is given once its end is there, and not with its head. */
  readonly isWhole?: boolean;
  /** Whole answers that end in one turn of the event loop are given together. */
  readonly turns?: TurnBarrier | undefined;
}
