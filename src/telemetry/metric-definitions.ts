/** The definition of every `smallfirst_` metric. Labels hold names from the configuration and closed lists only. */
import { REQUEST_METRICS } from './request-metrics.ts';
import type { MetricDefinition } from './series.ts';
import { SERVICE_METRICS } from './service-metrics.ts';
import { SPENDING_METRICS } from './spending-metrics.ts';

export const METRICS = { ...REQUEST_METRICS, ...SPENDING_METRICS, ...SERVICE_METRICS } as const;

export type MetricDefinitions = Readonly<Record<keyof typeof METRICS, MetricDefinition>>;
