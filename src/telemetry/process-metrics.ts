/**
 * Process metrics as prom-client collects them, formatted here: its registry has one format per set of
 * metrics, and once asked for OpenMetrics it renames its counters permanently.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { boundText, headText, labelText, type Format } from './exposition.ts';
import type { Across } from './series.ts';

/** Of what is not added up over processes: limits, times of the event loop, the time of the start. */
const COMMON = /^(process_(start_time|max_fds)|nodejs_(eventloop_lag|version_info))/;

/** How a metric of several processes becomes one; what is unknown is a counter, or of OpenTelemetry's names. */
export const acrossProcesses = (family: string): Across => (COMMON.test(family) ? 'max' : 'sum');

/** @returns a function that reads and formats them, anew at each call */
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
  // The type is declared as a numeric enum; at run time it is the name.
  let text = headText(name, help.replaceAll('\n', ' '), String(type), format);
  for (const { value, labels, ...rest } of values) {
    const sample = 'metricName' in rest ? String(rest.metricName) : name;
    const names = Object.keys(labels);
    const texts = Object.entries(labels).map(([label, labelValue]) =>
      label === 'le' ? boundText(Number(labelValue), format) : String(labelValue),
    );
    text += `${sample}${labelText(names, texts)} ${valueText(value)}\n`;
  }
  return text;
}

const valueText = (value: number): string => (value === Infinity ? '+Inf' : String(value));
