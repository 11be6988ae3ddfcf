/**
 * A finished record as a trace: a span for the request and a child span for each attempt. Ids are derived
 * from the record's id, so that a request carries no trace state: the trace id of `req_<32 hex digits>` is
 * those digits, unless the caller sent a `traceparent`.
 */
import { createHash } from 'node:crypto';
import type { Attempt, UsageRecord } from '../core/record.ts';
import { attemptAttributes, requestAttributes, type Attributes } from './otel-names.ts';

/** OTLP's numbers. */
const KIND = { internal: 1, server: 2, client: 3 } as const;
const FAILED = 2;

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: 1 | 2 | 3;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  /** Present on failure: an error code or a cause, never an upstream's message. */
  readonly failure?: { readonly code: typeof FAILED; readonly message: string };
  readonly events: readonly { readonly name: string; readonly atMs: number }[];
}

const digits = (text: string, count: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, count);

/** `00-<trace>-<parent>-<flags>`, validated when the request was accepted. */
const partsOf = (traceparent: string): readonly string[] => traceparent.split('-');

/** 32 hex digits: the caller's trace id, else one derived from the request's id. */
export function traceIdOf({ id, shadowOf, traceparent }: UsageRecord): string {
  const request = shadowOf ?? id;
  const given = traceparent === undefined ? undefined : partsOf(traceparent)[1];
  return given ?? /[0-9a-f]{32}/.exec(request)?.[0] ?? digits(request, 32);
}

/** False where the caller's `traceparent` has the sampled flag unset: its trace would be incomplete. */
export function isSampled({ traceparent }: UsageRecord): boolean {
  if (traceparent === undefined) return true;
  return (Number.parseInt(partsOf(traceparent)[3] ?? '01', 16) & 1) === 1;
}

const requestSpanId = (id: string): string => digits(id, 16);

function parentOf({ shadowOf, traceparent }: UsageRecord): Pick<Span, 'parentSpanId'> {
  if (shadowOf !== undefined) return { parentSpanId: requestSpanId(shadowOf) };
  const given = traceparent === undefined ? undefined : partsOf(traceparent)[2];
  return given === undefined ? {} : { parentSpanId: given };
}

/** The request's span is the first. Takes about 20 µs with one attempt. */
export function spansOf(record: UsageRecord): readonly Span[] {
  const { id, shadowOf, atMs, latencyMs, status, errorCode } = record;
  const attributes = requestAttributes(record);
  const operation = attributes['gen_ai.operation.name'];
  const isShadow = shadowOf !== undefined;
  const root: Span = {
    traceId: traceIdOf(record),
    spanId: requestSpanId(id),
    ...parentOf(record),
    name: isShadow ? `smallfirst shadow ${operation}` : `smallfirst ${operation}`,
    kind: isShadow ? KIND.internal : KIND.server,
    startMs: atMs,
    endMs: atMs + latencyMs,
    attributes,
    // The conventions for servers: a 4xx status is no failure.
    ...(status >= 500 ? { failure: { code: FAILED, message: errorCode ?? String(status) } } : {}),
    events: [],
  };
  return [root, ...record.attempts.map((attempt, at) => attemptSpan(record, attempt, root, at))];
}

function attemptSpan(record: UsageRecord, attempt: Attempt, root: Span, at: number): Span {
  const startMs = record.atMs + attempt.startedMs;
  const { outcome, cause, ttftMs, kind } = attempt;
  const operation = `${root.attributes['gen_ai.operation.name']} ${attempt.model}`;
  return {
    traceId: root.traceId,
    spanId: digits(`${record.id}/${at}`, 16),
    parentSpanId: root.spanId,
    // A draft, a repair or an audit is a call that the caller does not see the answer of.
    name: kind === undefined ? operation : `${kind} ${operation}`,
    kind: KIND.client,
    startMs,
    endMs: startMs + attempt.latencyMs,
    attributes: attemptAttributes(record, attempt),
    ...(outcome === 'failed' ? { failure: { code: FAILED, message: cause ?? 'failed' } } : {}),
    events: ttftMs === undefined ? [] : [{ name: 'first token', atMs: startMs + ttftMs }],
  };
}
