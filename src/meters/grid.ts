/**
 * Carbon intensity of electricity. Averages by place (location-based), never a supplier's certificates, as
 * the SCI specification demands.
 */
import type { GridIntensity } from '../core/meter.ts';
import { isObject } from '../lib/json.ts';
import { yearlyIntensity } from './yearly-grid.ts';

/** Undefined for a zone that is not known. */
export type YearlyGrid = (zone: string) => GridIntensity | undefined;

/**
 * Reads the tables at once, so that no request has to wait for them, and looks up each zone once: a look-up
 * takes 9 µs. Zones come from the configuration and the model catalogue, so they are few.
 */
export async function loadYearlyGrid(): Promise<YearlyGrid> {
  yearlyIntensity('WORLD');
  const known = new Map<string, GridIntensity | undefined>();
  return (zone) => {
    if (!known.has(zone)) known.set(zone, yearlyIntensity(zone));
    return known.get(zone);
  };
}

/** @throws Error that says which zones are possible */
export function yearlyOf(grid: YearlyGrid, zone: string): GridIntensity {
  const found = grid(zone);
  if (found !== undefined) return found;
  throw new Error(
    `\`energy.zone: ${zone}\` is not known. Write a country's three letters (\`DEU\`, \`USA\`, \`EU\`, \`WORLD\`) or a zone of Electricity Maps (\`DE\`, \`US-CAL-CISO\`, \`CA-QC\`).`,
  );
}

export interface LiveGridOptions {
  /** Answers a number, `{"carbonIntensity": n}` or `{"value": n}`: grams per kWh. */
  readonly url: string;
  readonly yearly: GridIntensity;
  readonly nowMs: () => number;
  readonly fetch?: (url: string, init: { signal: AbortSignal }) => Promise<Response>;
}

const REFRESH_MS = 5 * 60_000;
/** Grid intensity changes within the hour: after that the yearly average is the better estimate. */
const KEEP_MS = 60 * 60_000;
const ANSWER_MS = 3000;
/** No grid exceeds this; pure lignite is about 1,100. */
const MAX_GRAMS = 2000;

/** The last answer of the source, refreshed in the background when it is old. Never waits, never throws. */
export function liveGrid(options: LiveGridOptions): () => GridIntensity {
  const { url, yearly, nowMs } = options;
  const get = options.fetch ?? fetch;
  let last: { readonly gramsPerKwh: number; readonly atMs: number } | undefined;
  let askedMs = -Infinity;
  const refresh = async (): Promise<void> => {
    const answer = await get(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    const gramsPerKwh = answer.ok ? gramsIn(await answer.text()) : undefined;
    if (gramsPerKwh !== undefined) last = { gramsPerKwh, atMs: nowMs() };
  };
  return () => {
    const now = nowMs();
    if (now - askedMs >= REFRESH_MS) {
      askedMs = now;
      // A failed request is not reported: the yearly average is used, and `source` says so.
      refresh().catch(() => {});
    }
    if (last === undefined || now - last.atMs > KEEP_MS) {
      return { ...yearly, source: `${yearly.source} (${new URL(url).host} does not say)` };
    }
    return { gramsPerKwh: last.gramsPerKwh, source: `live, ${new URL(url).host}` };
  };
}

function gramsIn(text: string): number | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const value = isObject(body) ? (body['carbonIntensity'] ?? body['value']) : body;
  const isPlausible = typeof value === 'number' && value >= 0 && value <= MAX_GRAMS;
  return isPlausible ? value : undefined;
}
