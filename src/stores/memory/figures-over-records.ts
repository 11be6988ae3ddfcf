/** Figures and lists computed directly from records, for a ledger that has few. */
import { requestRow } from '../../figures/request-row.ts';
import { isMatch, nanoUsdOf, rankOf } from '../../figures/row-filter.ts';
import { Cells, isWanted, type Cell } from '../../figures/cells.ts';
import { seriesOf, type StepCell } from '../../figures/series.ts';
import { stepAt } from '../../figures/steps.ts';
import { totalsOf } from '../../figures/totals.ts';
import type { FigureFilters } from '../../core/admin-figures.ts';
import type { UsageRecord } from '../../core/record.ts';
import type { FiguresReader } from '../../core/store.ts';
import { byRank } from '../rollups/search.ts';
import { limitOf, readRankedCursor, writeRankedCursor, type RankedPosition } from '../cursor.ts';

/** @param recordsFrom those from then on, milliseconds since the epoch, in any order */
export function figuresOverRecords(
  recordsFrom: (sinceMs: number) => Promise<readonly UsageRecord[]>,
): FiguresReader {
  const between = async (fromMs: number, toMs: number): Promise<readonly UsageRecord[]> =>
    (await recordsFrom(fromMs)).filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  return {
    totals: async ({ fromMs, toMs, filters }) => {
      const cells = new Cells();
      for (const record of await between(fromMs, toMs)) cells.add(record);
      return { totals: totalsOf(wantedOf(cells, filters)), countedFromMs: null };
    },
    series: async ({ times, endMs, filters, ...wanted }) => {
      const steps = times.map(() => new Cells());
      const records = await between(times[0] ?? endMs, endMs);
      for (const record of records) steps[stepAt(times, record.atMs)]?.add(record);
      const cells = steps.flatMap((each, step) =>
        wantedOf(each, filters).map((cell): StepCell => [step, cell]),
      );
      const lines = seriesOf(cells, { ...wanted, filters, steps: steps.length });
      return { lines, countedFromMs: null };
    },
    rows: async (query) => {
      const after = query.cursor === undefined ? undefined : readRankedCursor(query.cursor);
      const limit = limitOf(query.limit);
      const sign = query.order === 'desc' ? 1 : -1;
      const compare = (a: RankedPosition, b: RankedPosition): number => sign * byRank(b, a);
      const found = (await recordsFrom(query.filters.from ?? 0))
        .filter((record) => isMatch(record, query.filters))
        .map((record) => {
          const { id, atMs } = record;
          const rank = rankOf(query, { ...record, nanoUsd: nanoUsdOf(record) });
          return { record, at: { rank, atMs, id } };
        })
        .filter(({ at }) => after === undefined || compare(after, at) < 0)
        .toSorted((a, b) => compare(a.at, b.at));
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const rows = page.map(({ record }) => requestRow(record));
      return found.length > limit && last !== undefined
        ? { rows, next: writeRankedCursor(last.at) }
        : { rows };
    },
  };
}

const wantedOf = (cells: Iterable<Cell>, filters: FigureFilters): readonly Cell[] =>
  [...cells].filter(({ key }) => isWanted(key, filters));
