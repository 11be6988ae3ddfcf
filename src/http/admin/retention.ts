/** Refuses questions about times from which nothing is kept: an empty answer would mean that nothing happened. */
import type { FiguresReader } from '../../core/store.ts';
import { invalid } from '../../core/errors.ts';

type Figures = Pick<FiguresReader, 'totals' | 'rows'>;

/** Asked where a window that ends at `toMs` shows nothing. @throws GatewayError `caller_invalid` that says from when on there are figures */
export async function refuseBeforeFigures(
  figures: Figures,
  toMs: number | undefined,
  nowMs: number,
): Promise<void> {
  if (toMs === undefined || toMs >= nowMs) return;
  const { totals } = await figures.totals({ fromMs: 0, toMs: nowMs, filters: {} });
  if (totals.firstMs === null || totals.firstMs < toMs) return;
  throw invalid('to', `No figures are kept of before ${said(totals.firstMs)}; ask from then on.`);
}

/** The same of a list. @throws GatewayError `caller_invalid` that says from when on there are requests */
export async function refuseBeforeRecords(
  figures: Figures,
  toMs: number | undefined,
): Promise<void> {
  if (toMs === undefined) return;
  const { rows } = await figures.rows({ sort: 'time', order: 'asc', limit: 1, filters: {} });
  const [oldest] = rows;
  if (oldest === undefined || oldest.atMs < toMs) return;
  throw invalid(
    'to',
    `No requests are kept of before ${said(oldest.atMs)}; ask from then on. Figures (/admin/summary, /admin/series) may go back further.`,
  );
}

const said = (atMs: number): string => `${Math.floor(atMs)} (${new Date(atMs).toISOString()})`;
