/** Messages to the thread that reads large bodies, and from it. */
import type { Call } from '../core/call.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { KnownContents } from '../core/known-state.ts';
import type { ReadOptions } from '../core/large-bodies.ts';
import type { LargeBody } from '../core/large-body.ts';
import type { Features, Readings } from '../core/signal.ts';
import type { DeepAnswer, DeepQuestion } from '../signals/complexity/calibrated.ts';
import type { SignalSettings } from '../signals/index.ts';

/** A call without its body, as far as it is plain data. */
export type CallHead = Omit<Call, 'body' | 'payload' | 'large' | 'stateDeadline'>;

/** Bytes that change hands: the buffer is the receiver's from then on. */
export interface SentBytes {
  readonly buffer: ArrayBuffer;
  readonly from: number;
  readonly length: number;
}

/** `id` names the question; `body` the body it is about. */
export type ToReader =
  | {
      readonly kind: 'read';
      readonly id: number;
      readonly payload: SentBytes;
      readonly head: CallHead;
      readonly options: ReadOptions;
    }
  | { readonly kind: 'chat'; readonly id: number; readonly payload: SentBytes }
  | {
      readonly kind: 'judge';
      readonly id: number;
      readonly body: number;
      readonly head: CallHead;
      readonly ownsState: boolean;
      /** What lies at upstreams is asked for. */
      readonly asksContents: boolean;
      /** Of settings that were sent before, or come with it. */
      readonly judge: number;
      readonly settings?: SentSettings;
    }
  | { readonly kind: 'contents'; readonly id: number; readonly known: KnownContents }
  | { readonly kind: 'forget'; readonly body: number }
  | { readonly kind: 'deep'; readonly id: number; readonly answer: DeepAnswer | undefined };

/** The deep judge itself stays where it is. */
export interface SentSettings extends Omit<SignalSettings, 'deep'> {
  readonly deep?: { readonly mode: 'auto' | 'always'; readonly deadlineMs: number };
}

export type ReaderResult = ReadResult | ChatResult | JudgeResult;

export type FromReader =
  | { readonly kind: 'done'; readonly id: number; readonly result: ReaderResult }
  | { readonly kind: 'refused'; readonly id: number; readonly error: SentError }
  | {
      readonly kind: 'deep';
      readonly id: number;
      readonly judge: number;
      readonly question: DeepQuestion;
    }
  /** Of the objects that the call of question `of` names. */
  | {
      readonly kind: 'contents';
      readonly id: number;
      readonly of: number;
      readonly ids: readonly string[];
    };

export interface ReadResult extends Omit<LargeBody, 'body'> {
  readonly payload: SentBytes;
}

/** A body of another API as a chat. */
export interface ChatResult extends ReadResult {
  readonly lost: readonly string[];
}

export interface JudgeResult {
  readonly facts: Features['facts'];
  readonly sent?: Features['sent'];
  /** Absent where it is long. */
  readonly task?: string;
  /** Present where it is. */
  readonly taskEnds?: string;
  readonly readings: Readings;
  readonly took: Readonly<Record<string, number>>;
}

/** A GatewayError; `code` is absent for any other, which is a bug. */
export interface SentError {
  readonly code?: ErrorCode;
  readonly message: string;
  readonly param: string | null;
  readonly wireCode: string | null;
}

/** Bytes that share their memory with others, as small ones do, are copied. */
export function sentBytes(bytes: Buffer): SentBytes {
  const { buffer, byteOffset: from, length } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length)
    return { buffer, from, length };
  return { buffer: new Uint8Array(bytes).buffer, from: 0, length };
}

export const bytesOf = ({ buffer, from, length }: SentBytes): Buffer =>
  Buffer.from(buffer, from, length);
