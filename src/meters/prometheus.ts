/** Power in watts from a Prometheus query: a smart plug, a rack's power unit, DCGM, Kepler. */
import { isObject } from '../lib/json.ts';
import type { MeterOptions, Opened } from './opened.ts';
import { integratePower } from './power.ts';

const ANSWER_MS = 3000;

export async function openPrometheus({ settings, nowMs }: MeterOptions): Promise<Opened> {
  const { prometheus } = settings;
  if (prometheus === undefined) {
    return { why: 'it needs `energy.prometheus: { url: …, query: … }`, a query that gives watts' };
  }
  const power = integratePower();
  const sample = async (abort: AbortSignal): Promise<void> => {
    const watts = await queryWatts(prometheus, abort);
    power.add([watts, watts], nowMs());
  };
  try {
    await sample(AbortSignal.timeout(ANSWER_MS));
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
  return {
    meter: {
      kind: 'prometheus',
      component: 'machine',
      method: 'measured',
      source: `Prometheus query ${prometheus.query}`,
      read: async (abort) => {
        await sample(AbortSignal.any([abort, AbortSignal.timeout(ANSWER_MS)]));
        return power.total();
      },
      close: () => {},
    },
  };
}

/** The sum of all samples of an instant query. */
async function queryWatts(
  { url, query }: { readonly url: string; readonly query: string },
  abort: AbortSignal,
): Promise<number> {
  const address = `${url.replace(/\/+$/, '')}/api/v1/query?query=${encodeURIComponent(query)}`;
  const answer = await fetch(address, { signal: abort });
  const body: unknown = await answer.json();
  const data = isObject(body) && isObject(body['data']) ? body['data'] : {};
  const { resultType, result } = data;
  const samples = resultType === 'scalar' ? [result] : readVector(result);
  const watts = samples.map((sample) => (Array.isArray(sample) ? Number(sample[1]) : Number.NaN));
  const sum = watts.reduce((total, each) => total + each, 0);
  if (watts.length > 0 && Number.isFinite(sum) && sum >= 0) return sum;
  throw new Error(
    `Prometheus has no watts for ${query} (${answer.status}): try the query in its console`,
  );
}

const readVector = (result: unknown): readonly unknown[] =>
  Array.isArray(result)
    ? result.map((series: unknown) => (isObject(series) ? series['value'] : undefined))
    : [];
