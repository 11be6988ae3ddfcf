/** `GET /admin/summary` and `/admin/series`: figures of a window, from the ledger's roll-ups. */
import {
  METRICS,
  seriesQuery,
  summaryQuery,
  type FigureFilters,
  type Series,
} from '../../core/admin-figures.ts';
import { DIMENSIONS } from '../../core/dimensions.ts';
import { gridOf, MOST_STEPS, stepFor, type Grid } from '../../figures/steps.ts';
import { isZone } from '../../lib/calendar.ts';
import { requireViewer } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';
import { invalid } from '../../core/errors.ts';
import { queryOf } from '../admin/query.ts';
import { refuseBeforeFigures } from '../admin/retention.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** `GET /admin/summary?from&to` and the dimensions: the report of that window, with what only the page shows. */
export const getSummary =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    const given = queryOf(new URL(context.req.url), summaryQuery);
    const { fromMs, toMs } = windowOf(given, parts.epochMs());
    const summary = await parts.summary({
      fromMs: Math.floor(fromMs / MINUTE_MS) * MINUTE_MS,
      toMs: Math.ceil(toMs / MINUTE_MS) * MINUTE_MS,
      filters: filtersIn(given),
    });
    if (summary.requests.total === 0)
      await refuseBeforeFigures(parts.ledger.figures, given.to, parts.epochMs());
    return context.json(summary);
  };

/** `GET /admin/series?metric&by&from&to&step&zone` and the dimensions: one figure a step and line. */
export const getSeries =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    const given = queryOf(new URL(context.req.url), seriesQuery);
    const { metric, by = null, zone } = given;
    if (!isZone(zone)) throw invalid('zone', unknownZone(zone));
    const { fromMs, toMs } = windowOf(given, parts.epochMs());
    const step = given.step ?? stepFor(toMs - fromMs);
    const { times, endMs } = gridIn(fromMs, toMs, () => gridOf(fromMs, toMs, step, zone));
    const { lines, countedFromMs } = await parts.ledger.figures.series({
      metric,
      by,
      filters: filtersIn(given),
      times,
      endMs,
    });
    if (lines.length === 0)
      await refuseBeforeFigures(parts.ledger.figures, given.to, parts.epochMs());
    const answer: Series = {
      metric,
      unit: METRICS[metric],
      by,
      fromMs: times[0] ?? fromMs,
      toMs: endMs,
      step,
      zone,
      times,
      lines,
      countedFromMs,
    };
    return context.json(answer);
  };

function windowOf(
  { from, to }: { readonly from?: number; readonly to?: number },
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const toMs = to ?? nowMs;
  const fromMs = from ?? toMs - DAY_MS;
  if (fromMs > nowMs) throw invalid('from', `'from' is ${fromMs}, which is after now (${nowMs}).`);
  if (fromMs < toMs) return { fromMs, toMs };
  throw invalid('from', `'from' must be before 'to', but is ${fromMs}, and 'to' is ${toMs}.`);
}

function gridIn(fromMs: number, toMs: number, make: () => Grid): Grid {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const advice = `take a longer one (${stepFor(toMs - fromMs)} fits), or a shorter window`;
    throw invalid(
      'step',
      `The window has more than ${MOST_STEPS} steps of this length: ${advice}.`,
    );
  }
}

const unknownZone = (zone: string): string =>
  `'zone' must be a time zone of the IANA's, such as ${['UTC', 'Europe/Madrid', 'America/New_York', 'Asia/Kolkata'].join(', ')}, but is '${zone.slice(0, 40)}'.`;

const filtersIn = (given: FigureFilters): FigureFilters =>
  Object.fromEntries(
    DIMENSIONS.flatMap((dimension) => {
      const values = given[dimension];
      return values === undefined ? [] : [[dimension, values]];
    }),
  );
