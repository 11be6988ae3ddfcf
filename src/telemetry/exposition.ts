/**
 * Prometheus' text format 0.0.4, and OpenMetrics 1.0 for scrapers that ask for it. The two differ in the
 * names of counters, the bounds of buckets, exemplars and the end marker.
 */

export type Format = 'prometheus' | 'openmetrics';

export const CONTENT_TYPE: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The last line of OpenMetrics: a text without it is truncated. */
export const END: Readonly<Record<Format, string>> = { prometheus: '', openmetrics: '# EOF\n' };

/** The request that an observation belongs to. */
export interface Origin {
  readonly requestId: string;
  /** 32 hex digits; only where traces are exported. */
  readonly traceId?: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

export interface Exemplar {
  readonly of: Origin;
  readonly value: number;
}

const TOTAL = '_total';

/** The two lines above a metric. In OpenMetrics a counter's family name has no `_total`, and its samples must have it. */
export function headText(name: string, help: string, type: string, format: Format): string {
  const isCounter = type === 'counter' && format === 'openmetrics';
  const family = isCounter && name.endsWith(TOTAL) ? name.slice(0, -TOTAL.length) : name;
  const declaredType = isCounter && family === name ? 'unknown' : type;
  return `# HELP ${family} ${help}\n# TYPE ${family} ${declaredType}\n`;
}

export function labelText(names: readonly string[] = [], values: readonly string[] = []): string {
  if (names.length === 0) return '';
  const pairs = names.map((name, at) => `${name}="${escapeText(values[at] ?? '')}"`);
  return `{${pairs.join(',')}}`;
}

/** A bucket's bound: OpenMetrics writes every one as a float. */
export function boundText(bound: number, format: Format): string {
  if (bound === Infinity) return '+Inf';
  const text = String(bound);
  return format === 'openmetrics' && /^\d+$/.test(text) ? `${text}.0` : text;
}

/** The exemplar after a bucket's value in OpenMetrics: at most 128 characters of labels are allowed, 86 are used. */
export function exemplarText({ of, value }: Exemplar): string {
  const { requestId, traceId, atMs } = of;
  const labels =
    traceId === undefined
      ? labelText(['request_id'], [requestId])
      : labelText(['request_id', 'trace_id'], [requestId, traceId]);
  return ` # ${labels} ${value} ${(atMs / 1000).toFixed(3)}`;
}

const escapeText = (text: string): string =>
  text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('"', String.raw`\"`);
