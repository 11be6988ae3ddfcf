/**
 * Spans as OTLP's JSON (opentelemetry-proto 1.x, trace/v1). Written by us: the official encoder comes with
 * the SDKs for traces, metrics and logs, six packages that would make spans while requests run, to write
 * down these few members of spans that are already over.
 */
import type { Attributes } from './otel-names.ts';
import type { Span } from './trace-spans.ts';

/** Milliseconds since the epoch, to a microsecond: a double holds no more. JSON has 64-bit integers as texts. */
const nanoseconds = (ms: number): string => `${Math.round(ms * 1000)}000`;

function keyValues(attributes: Attributes): readonly object[] {
  const pairs: object[] = [];
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) pairs.push({ key, value: anyValue(value) });
  return pairs;
}

function anyValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

const spanJson = ({ startMs, endMs, attributes, failure, events, ...rest }: Span): object => ({
  ...rest,
  startTimeUnixNano: nanoseconds(startMs),
  endTimeUnixNano: nanoseconds(endMs),
  attributes: keyValues(attributes),
  events: events.map(({ name, atMs }) => ({ name, timeUnixNano: nanoseconds(atMs) })),
  status: failure ?? {},
});

/** The body of `POST /v1/traces`. `resource` says who sends: `service.name` and the like. */
export const otlpJson = (resource: Attributes, version: string, spans: readonly Span[]): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: keyValues(resource) },
        scopeSpans: [{ scope: { name: 'smallfirst', version }, spans: spans.map(spanJson) }],
      },
    ],
  });
