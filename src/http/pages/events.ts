/** Server-sent events for open dashboard pages: new requests as rows, and changes of the gateway's state. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventData } from '../../core/admin-requests.ts';
import type { Peers } from '../../core/peers.ts';
import type { UsageRecord } from '../../core/record.ts';
import { requestRow } from '../../figures/request-row.ts';
import { rowsOfPeers } from './peer-events.ts';

export interface Events {
  /** Takes every finished record; costs nothing while no page is open. */
  publish(record: UsageRecord): void;
  /** Undefined: as many pages as may be are open, and this one has to ask instead. `mayStay` rejects when it may not any more. */
  open(
    page: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse },
    mayStay: () => Promise<unknown>,
  ): true | undefined;
}

interface EventOptions {
  readonly state: () => EventData['state'];
  /** Ends every page. */
  readonly life: AbortSignal;
  /** Processes whose requests are shown too. */
  readonly peers?: Peers | undefined;
}

const MOST_PAGES = 20;
/** Four batches a second. */
const EVERY_MS = 250;
/** The most rows in a batch: nobody can read faster traffic, and the page then reloads the list. */
const MOST_ROWS = 200;
/** Rows kept for a page that reconnects. */
const KEPT_ROWS = 1_000;
const KEPT_MS = 60_000;
/** Proxies cut connections that are silent for longer. */
const HEARTBEAT_MS = 10_000;
/** A key that was revoked, or a session that ended, sees nothing more after so long. */
const CHECK_EVERY_MS = 5_000;
/** A page that does not read is closed. */
const MOST_UNREAD_BYTES = 1_000_000;

interface Kept {
  readonly number: number;
  /** Undefined if another process made the row. */
  readonly record: UsageRecord | undefined;
  /** Made when the first page is sent it. */
  row?: string;
}

interface Page {
  readonly outgoing: ServerResponse;
  readonly mayStay: () => Promise<unknown>;
  /** The number of the last record that it was sent. */
  told: number;
  state: string;
  silentMs: number;
  /** Since it was last asked whether the page may stay. */
  uncheckedMs: number;
}

export function createEvents({ state, life, peers }: EventOptions): Events {
  const pages = new Set<Page>();
  /** Records and their numbers, from the first page on until a while after the last one left. */
  let kept: Kept[] = [];
  // Numbers of another process are of no use: they begin where none of this one's do.
  const first = Date.now() * 1_000;
  let last = first;
  let idleMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    kept = [];
  };
  const add = (record: UsageRecord | undefined, row?: string): void => {
    last += 1;
    kept.push({ number: last, record, ...(row === undefined ? {} : { row }) });
    if (kept.length > 2 * KEPT_ROWS) kept = kept.slice(-KEPT_ROWS);
  };
  const others = peers && rowsOfPeers(peers, (row) => add(undefined, row));
  const tick = (): void => {
    others?.watch();
    const now = JSON.stringify(state());
    for (const page of pages) tell(page, kept, now);
    idleMs = pages.size === 0 ? idleMs + EVERY_MS : 0;
    if (idleMs >= KEPT_MS) stop();
  };
  life.addEventListener('abort', () => {
    stop();
    for (const { outgoing } of pages) outgoing.end();
  });
  return {
    publish: (record) => {
      others?.publish(record);
      if (timer !== undefined) add(record);
    },
    open: ({ incoming, outgoing }, mayStay) => {
      if (pages.size >= MOST_PAGES || life.aborted) return undefined;
      const given = incoming.headers['last-event-id'];
      const told = given === undefined ? last : Number(given);
      const isKnown = told === last || (told >= (kept[0]?.number ?? Infinity) - 1 && told < last);
      const since = { state: '', silentMs: 0, uncheckedMs: 0 };
      const page: Page = { outgoing, mayStay, told: isKnown ? told : last, ...since };
      outgoing.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      if (!isKnown) outgoing.write(eventOf('gap', '{}', last));
      pages.add(page);
      outgoing.once('close', () => pages.delete(page));
      timer ??= setInterval(tick, EVERY_MS).unref();
      tell(page, kept, JSON.stringify(state()));
      return true;
    },
  };
}

function tell(page: Page, kept: readonly Kept[], state: string): void {
  const { outgoing } = page;
  if (outgoing.writableLength > MOST_UNREAD_BYTES) {
    outgoing.destroy();
    return;
  }
  const news = kept.filter(({ number }) => number > page.told);
  let text = '';
  if (state !== page.state) text += eventOf('state', state);
  page.state = state;
  const newest = news.at(-1);
  if (newest !== undefined) {
    page.told = newest.number;
    if (news.length > MOST_ROWS) text += eventOf('gap', '{}', newest.number);
    else {
      const rows = news.map((each) => (each.row ??= rowText(each.record)));
      text += eventOf('rows', `{"rows":[${rows.join(',')}]}`, newest.number);
    }
  }
  page.silentMs = text === '' ? page.silentMs + EVERY_MS : 0;
  if (text !== '') outgoing.write(text);
  else if (page.silentMs >= HEARTBEAT_MS) {
    page.silentMs = 0;
    outgoing.write(': still here\n\n');
  }
  page.uncheckedMs += EVERY_MS;
  if (page.uncheckedMs < CHECK_EVERY_MS) return;
  page.uncheckedMs = 0;
  page.mayStay().catch(() => outgoing.end());
}

const rowText = (record: UsageRecord | undefined): string =>
  record === undefined ? '{}' : JSON.stringify(requestRow(record));

const eventOf = (name: keyof EventData, data: string, id?: number): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;
