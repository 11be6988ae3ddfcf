/**
 * Node's own figures as prom-client collects them, written down by us: its registry keeps one format a
 * set of metrics, and asked for OpenMetrics it renames its counters for good.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { boundText, headText, labelText, type Format } from './exposition.ts';

/** @returns what writes them down, read anew each time */
export function processMetrics(): (format: Format) => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return async (format) => {
    const metrics = await registry.getMetricsAsJSON();
    return metrics.map((metric) => metricText(metric, format)).join('');
  };
}

type Collected = Awaited<ReturnType<Registry['getMetricsAsJSON']>>[number];

function metricText({ name, help, type, values }: Collected, format: Format): string {
  // The declared type is an enum of numbers; what is there is its name.
  let text = headText(name, help.replaceAll('\n', ' '), String(type), format);
  for (const { value, labels, ...rest } of values) {
    const sample = 'metricName' in rest ? String(rest.metricName) : name;
    const names = Object.keys(labels);
    const texts = Object.entries(labels).map(([label, said]) =>
      label === 'le' ? boundText(Number(said), format) : String(said),
    );
    text += `${sample}${labelText(names, texts)} ${valueText(value)}\n`;
  }
  return text;
}

const valueText = (value: number): string => (value === Infinity ? '+Inf' : String(value));
