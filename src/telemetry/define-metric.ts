/** How a metric is written down, and how those of several workers become one. */
import type { MetricDefinition } from './series.ts';

type Define = (name: string, help: string, ...labels: readonly string[]) => MetricDefinition;

/** Of several workers (`serve --workers`): each counts its own, and their sum is the whole. */
export const summed: Define = (name, help, ...labels) => ({ name, help, labels, across: 'sum' });

/** Every worker sees the same, such as a budget; of those that see it late the largest figure stands. */
export const common: Define = (name, help, ...labels) => ({ name, help, labels, across: 'max' });
