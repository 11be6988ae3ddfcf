/**
 * Spans as OTLP's JSON (opentelemetry-proto 1.x, trace/v1). The official encoder is not used: it depends on
 * six SDK packages for traces, metrics and logs, for the few members of a finished span.
 */
import type { Attributes } from './otel-names.ts';
import type { Span } from './trace-spans.ts';

/** From milliseconds since the epoch, to a microsecond (a double holds no more). OTLP's JSON has 64-bit integers as strings. */
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

/** The body of `POST /v1/traces`. `resource` identifies the sender: `service.name` and the like. */
export const otlpJson = (resource: Attributes, version: string, spans: readonly Span[]): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: keyValues(resource) },
        scopeSpans: [{ scope: { name: 'smallfirst', version }, spans: spans.map(spanJson) }],
      },
    ],
  });
