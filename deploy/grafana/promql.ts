/**
 * Builds PromQL from the gateway's metric definitions: an unknown name or label does not build. Every
 * selector has the dashboard's `job` variable.
 */
import { METRICS } from '../../src/telemetry/metric-definitions.ts';

export type Metric = keyof typeof METRICS;
export type Matchers = Readonly<Record<string, string>>;

/** Grafana's variable, of at least four scrape intervals. */
const WINDOW = '$__rate_interval';
/** The dashboard's selected time range. */
const RANGE = '$__range';

/**
 * A selector. A matcher is an exact value, or a regular expression if it begins with `~`.
 * @throws Error for a label that the metric does not have
 */
export function select(metric: Metric, matchers: Matchers = {}, suffix = ''): string {
  const { name, labels = [] }: { name: string; labels?: readonly string[] } = METRICS[metric];
  const allowed = suffix === '_bucket' ? [...labels, 'le'] : labels;
  const pairs = Object.entries(matchers).map(([label, value]) => {
    if (!allowed.includes(label)) throw new Error(`${name} has no label ${label}`);
    return value.startsWith('~') ? `${label}=~"${value.slice(1)}"` : `${label}="${value}"`;
  });
  return `${name}${suffix}{${['job=~"$job"', ...pairs].join(', ')}}`;
}

/** A metric that is not in `METRICS`: Node's, or one with OpenTelemetry's name. */
export const foreign = (name: string): string => `${name}{job=~"$job"}`;

export const rate = (selector: string): string => `rate(${selector}[${WINDOW}])`;
/** Over the selected time range. */
const increase = (selector: string): string => `increase(${selector}[${RANGE}])`;

export const sum = (expression: string, ...by: readonly string[]): string =>
  by.length === 0 ? `sum(${expression})` : `sum by (${by.join(', ')}) (${expression})`;

/** A counter's rate per second. */
export const perSecond = (metric: Metric, matchers: Matchers, ...by: readonly string[]): string =>
  sum(rate(select(metric, matchers)), ...by);

/** A counter's increase over the selected time range. */
export const total = (metric: Metric, matchers: Matchers = {}, ...by: readonly string[]): string =>
  sum(increase(select(metric, matchers)), ...by);

/** For counters that do not exist before their first event: 0, not unknown. */
export const orZero = (expression: string): string => `${expression} or vector(0)`;

/** A quantile (0..1) of a histogram, over the window. */
export function quantile(q: number, metric: Metric, ...by: readonly string[]): string {
  const buckets = sum(rate(select(metric, {}, '_bucket')), 'le', ...by);
  return `histogram_quantile(${q}, ${buckets})`;
}

export const ratio = (part: string, whole: string): string => `${part} / ${whole}`;
