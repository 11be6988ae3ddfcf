/** `GET /admin/requests`, as records or as short rows, and the same as CSV. */
import {
  requestRow,
  requestsQuery,
  type RequestRow,
  type RowsQuery,
} from '../../core/admin-requests.ts';
import { csvLine } from '../../lib/csv.ts';
import { requireViewer } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';
import { queryOf } from '../admin/query.ts';
import { refuseBeforeRecords } from '../admin/retention.ts';
import { listRecords } from './admin.ts';

/**
 * `GET /admin/requests?since=<epoch ms>&limit=<n>&cursor=<c>`: records, newest first. With `view=rows`: rows, filtered and sorted
 * as `requestsQuery` says.
 */
export const listRequests =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    if (context.req.query('view') === undefined) return await listRecords(context, parts);
    const query = rowsQueryOf(context.req.url);
    const { figures } = parts.ledger;
    const page = await figures.rows(query);
    if (page.rows.length === 0) await refuseBeforeRecords(figures, query.filters.to);
    return context.json(page);
  };

/** `GET /admin/requests.csv`: every row of the same list, one a line. */
export const exportRequests =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    const query = rowsQueryOf(context.req.url);
    const lines = csvOf(query, parts);
    // The first page before the answer: a query that cannot be answered gets its error.
    const first = await lines.next();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encode(first.value ?? '')),
      pull: async (controller) => {
        const { done, value } = await lines.next();
        if (done === true) controller.close();
        else controller.enqueue(encode(value));
      },
    });
    return new Response(body, {
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="requests.csv"',
        'cache-control': 'no-store',
      },
    });
  };

const encoder = new TextEncoder();
const encode = (text: string): Uint8Array => encoder.encode(text);

const rowsQueryOf = (url: string): RowsQuery => {
  const { view: _, sort, order, limit, cursor, ...filters } = queryOf(new URL(url), requestsQuery);
  return { sort, order, limit, filters, ...(cursor === undefined ? {} : { cursor }) };
};

const PAGE = 1_000;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its own members
const COLUMNS = Object.keys(requestRow.shape) as readonly (keyof RequestRow)[];

async function* csvOf(query: RowsQuery, { ledger }: HttpParts): AsyncGenerator<string> {
  yield `${csvLine(COLUMNS)}\n`;
  let cursor = query.cursor;
  do {
    const page = await ledger.figures.rows({
      ...query,
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield page.rows
      .map((row) => `${csvLine(COLUMNS.map((column) => cellOf(row[column])))}\n`)
      .join('');
    cursor = page.next;
  } while (cursor !== undefined);
}

/** Both ends of a range stand in one cell, with a blank between. */
function cellOf(value: RequestRow[keyof RequestRow]): string | number | null {
  if (value === undefined) return null;
  if (typeof value === 'object') return value.join(' ');
  return value === true ? 'true' : value;
}
