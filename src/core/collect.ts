/** The port of what is collected for distillation: a request and the large model's answer, masked, where key and policy allow it. */
import type { Turn } from './signal.ts';

/** What a policy wants collected. */
export interface CollectPolicy {
  /** Which model's answers. */
  readonly answers: 'large';
  /** After so many days what was collected is deleted. */
  readonly retentionDays: number;
}

/** A key that has this label with this value consents; the requests of others are never collected. */
export const CONSENT = { label: 'consent', value: 'distillation' } as const;

export const consents = (labels: Readonly<Record<string, string>>): boolean =>
  labels[CONSENT.label] === CONSENT.value;

/** A conversation and what the large model said next. */
export interface Exchange {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** From then on it is deleted. */
  readonly expiresMs: number;
  /** The key's name. */
  readonly caller: string;
  /** A digest: the same for every turn of a conversation. */
  readonly conversation: string;
  readonly upstream: string;
  /** The model that wrote the answer, as the upstream was asked for it. */
  readonly model: string;
  readonly messages: readonly Turn[];
  readonly answer: string;
}

/** What became of an answer that the policy wants collected; also a metric label. */
export type CollectResult =
  | 'collected'
  | 'no-consent'
  | 'kept-here'
  | 'unmaskable'
  | 'unfit'
  | 'queue-full'
  | 'failed';

/** Masks and keeps, off the path. */
export interface Collector {
  take(exchange: Exchange): void;
  omitted(cause: Exclude<CollectResult, 'collected'>): void;
}

/** Which ones are meant: all members that are given must fit. */
export interface CollectedFilter {
  readonly caller?: string;
  readonly conversation?: string;
  /** Milliseconds since the epoch, exclusive. */
  readonly beforeMs?: number;
}

/** What is in the file, by key and model. */
export interface CollectedCount {
  readonly caller: string;
  readonly upstream: string;
  readonly model: string;
  readonly answers: number;
  readonly conversations: number;
  readonly oldestMs: number;
  readonly newestMs: number;
}
