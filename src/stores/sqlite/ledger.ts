/** The ledger on SQLite: written and read in its own thread, so that no request waits for a disk. */
import { setTimeout as wait } from 'node:timers/promises';
import { GatewayError } from '../../core/errors.ts';
import type { Audit } from '../../core/audit.ts';
import type { UsageRecord } from '../../core/record.ts';
import type { Feedback, FiguresReader, Ledger, LedgerPage, LedgerQuery } from '../../core/store.ts';
import { attemptQueue, type AttemptQueue } from '../attempts/queue.ts';
import { limitOf, readCursor, readRankedCursor, writeCursor } from '../cursor.ts';
import { closeWriting, takeIn, type Taken } from '../write-behind/left-rows.ts';
import type { Spilled } from '../write-behind/pending.ts';
import type { WriteBehindOptions } from '../write-behind/write-behind.ts';
import { dictionary } from '../write-behind/dictionary.ts';
import { recordIn, rowPacker, type PackedRow } from '../write-behind/packed-rows.ts';
import { joinedRows } from '../write-behind/row-batches.ts';
import { rowQueue, type RowQueue } from '../write-behind/row-queue.ts';
import { journalsPrefix, rowJournal } from '../write-behind/row-journal.ts';
import type { FiguresQuestion, Found, PageQuery, Question } from './messages.ts';
import { databaseThread, type DatabaseThread, type Spawn } from './thread.ts';

export interface SqliteOptions extends Pick<WriteBehindOptions<PackedRow>, 'onProblem'> {
  /** The file; its folder is created. `:memory:`: lost with the process. */
  readonly path: string;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
  readonly spawn?: Spawn | undefined;
  /** What is written here is on its way elsewhere (`outbox/outbox.ts`): called after each write. */
  readonly onOutbox?: () => void;
  /** The folder for what cannot be written when it is closed; default: the file's. */
  readonly spill?: string | undefined;
  /** Records are noted before their requests are answered, so that a kill loses none of them. */
  readonly notes?: boolean;
}

export interface SqliteLedger extends Ledger {
  /** On the same thread; closed with the ledger. */
  readonly attempts: AttemptQueue;
  /** The name of its outbox, where it is one. */
  readonly outbox: string | undefined;
  /** What it is written by; ends with the ledger. */
  readonly thread: DatabaseThread;
  /** What this start found of those before. */
  readonly found: Omit<Found, 'records'> & { readonly taken: Taken };
}

/**
 * Figures of more records than this are read by a thread of their own: one of a month must keep no paid attempt waiting for its
 * intent. Fewer take milliseconds, and a thread takes 13 MB.
 */
const FEW = 2000;
/** How long that thread is kept with nothing to do. */
const IDLE_MS = 30_000;

/**
 * Opens or creates the file, and migrates its tables. After `flush()` a record is on disk (WAL, synchronous FULL) and survives a
 * crash and a power cut.
 * @throws GatewayError that says what is wrong with the file and what to do
 */
export async function sqliteLedger(options: SqliteOptions): Promise<SqliteLedger> {
  const { path, spill, spawn, onOutbox, notes = false, ...queueOptions } = options;
  const opened = databaseThread(path, spawn);
  const thread = onOutbox === undefined ? opened : noticing(opened, onOutbox);
  const attempts = attemptQueue(thread.ask);
  const start = { kind: 'start', boot: attempts.boot, atMs: Date.now() } as const;
  const giveUp = async (error: unknown): Promise<never> => {
    await attempts.close();
    await thread.end();
    throw storeError(error);
  };
  const [started = '{}'] = await thread.ask(start).catch(giveUp);
  const { records, ...found }: Found = JSON.parse(started);
  // Before the first row: each is noted as it is written.
  const [outbox] =
    onOutbox === undefined ? [] : await thread.ask({ kind: 'outbox-begin' }).catch(giveUp);
  const packed = packing(thread);
  const journal = notes ? rowJournal(journalsPrefix(path), attempts.boot, packed.known) : undefined;
  const { queue, ...taking } = rowQueue({ ...queueOptions, ...packed, journal });
  const isKnown = async (id: string): Promise<boolean> =>
    (await thread.ask({ kind: 'get', id })).length > 0;
  const writing = { queue, attempts, isKnown, ...packed, place: { path, spill } };
  const taken = await takeIn(writing).catch(giveUp);
  let spilled: Spilled | undefined;
  const reader = path === ':memory:' ? thread : databaseThread(path, spawn, IDLE_MS);
  let most = records;
  const counting = new AbortController();
  void countOlder(thread, counting.signal);
  return {
    found: { ...found, taken },
    ...taking,
    append: (record) => {
      most += 1;
      taking.append(record);
    },
    ...reading({ thread, queue, packed }),
    figures: figuresOf(() => (most > FEW ? reader : thread), queue.flush),
    ...qualityIn(thread),
    stats: () => ({
      ...queue.stats(),
      restarts: { ledger: thread.restarts() + (reader === thread ? 0 : reader.restarts()) },
      ...(spilled === undefined ? {} : { spilled }),
    }),
    attempts,
    outbox,
    thread,
    flush: async () => void (await Promise.all([queue.flush(), attempts.flush()])),
    close: async () => {
      spilled = await closeWriting(writing);
      journal?.close();
      // Fails only if the thread has already exited.
      counting.abort();
      await thread.ask({ kind: 'close' }).catch(() => []);
      await Promise.all([thread.end(), reader.end()]);
    },
  };
}

interface Read extends Pick<SqliteLedger, 'thread'>, Pick<RowQueue, 'queue'> {
  readonly packed: Pick<ReturnType<typeof packing>, 'recordIn'>;
}

/** Records by id, and in order of time: what waits is read too. */
const reading = ({ thread, queue, packed }: Read): Pick<Ledger, 'get' | 'list'> => ({
  get: async (id) => {
    const waiting = queue.find(id);
    return waiting === undefined
      ? (await read(thread, { kind: 'get', id }))[0]
      : packed.recordIn(waiting);
  },
  list: async (query) => {
    const page = pageQuery(query);
    await queue.flush();
    return asPage(await read(thread, { kind: 'list', query: page }), page.limit - 1);
  },
});

/** So many records of an earlier version are counted at once, and so long is waited after them: new ones come first. */
const OLDER = 50;
const OLDER_PAUSE_MS = 5;
/** After a failure: the disk may be full. */
const OLDER_RETRY_MS = 60_000;

async function countOlder(thread: DatabaseThread, closing: AbortSignal): Promise<void> {
  for (let isMore = true; isMore && !closing.aborted;) {
    let pauseMs = OLDER_PAUSE_MS;
    try {
      isMore = (await thread.ask({ kind: 'count-older', most: OLDER })).length > 0;
    } catch {
      pauseMs = OLDER_RETRY_MS;
    }
    if (isMore) await wait(pauseMs, undefined, { ref: false, signal: closing }).catch(() => {});
  }
}

function figuresOf(thread: () => DatabaseThread, flush: () => Promise<void>): FiguresReader {
  const asked = async <T>(about: FiguresQuestion): Promise<T> => {
    await flush();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `figures.ts` answers to it
    return JSON.parse((await askThread(thread(), { kind: 'figures', about }))[0]!) as T;
  };
  return {
    totals: (window) => asked({ kind: 'totals', window }),
    series: (window) => asked({ kind: 'series', window }),
    rows: (query) => {
      if (query.cursor !== undefined) readRankedCursor(query.cursor);
      return asked({ kind: 'rows', query });
    },
  };
}

const WRITES: ReadonlySet<Question['kind']> = new Set<Question['kind']>([
  'write',
  'attempts',
  'beat',
  'own',
  'add-feedback',
  'add-audit',
]);

const noticing = ({ ask, ...thread }: DatabaseThread, onWritten: () => void): DatabaseThread => ({
  ...thread,
  ask: async (question, handedOver) => {
    const rows = await ask(question, handedOver);
    if (WRITES.has(question.kind)) onWritten();
    return rows;
  },
});

/** What callers and audits said of answers. */
const qualityIn = (
  thread: DatabaseThread,
): Pick<Ledger, 'addFeedback' | 'feedbackOn' | 'addAudit' | 'auditsSince'> => ({
  addFeedback: async (feedback) => {
    const line = JSON.stringify(feedback);
    const { requestId, caller } = feedback;
    await askThread(thread, { kind: 'add-feedback', requestId, caller, line });
  },
  feedbackOn: async (requestId) => {
    const rows = await askThread(thread, { kind: 'feedback', requestId });
    return rows.map((row): Feedback => JSON.parse(row));
  },
  addAudit: async (audit) => {
    await askThread(thread, { kind: 'add-audit', atMs: audit.atMs, line: JSON.stringify(audit) });
  },
  auditsSince: async (sinceMs) => {
    const rows = await askThread(thread, { kind: 'audits', sinceMs });
    return rows.map((row): Audit => JSON.parse(row));
  },
});

const storeError = (error: unknown): GatewayError =>
  new GatewayError('gateway_internal', error instanceof Error ? error.message : String(error), {
    cause: error,
  });

/** Packs records, and hands them to the thread with the words that it does not know yet. */
function packing(thread: DatabaseThread) {
  const known = dictionary();
  const pack = rowPacker(known);
  let sent = 0;
  return {
    known,
    /** Undefined for a record that cannot be packed: a bug that must not block the others. */
    rowOf: (record: UsageRecord): PackedRow | undefined => {
      try {
        return pack(record);
      } catch {
        return undefined;
      }
    },
    recordIn: (row: PackedRow): UsageRecord => recordIn(row, known.words),
    /** Resolves to the number of rows that can never be stored. */
    write: async (rows: readonly PackedRow[]): Promise<number> => {
      const words = { from: sent, words: known.words.slice(sent) };
      sent = known.words.length;
      const batch = { ...joinedRows(rows), words };
      try {
        const refused = await thread.ask({ kind: 'write', batch }, [batch.numbers.buffer]);
        return refused.length;
      } catch (error) {
        // the thread may have been started anew, and know none
        sent = 0;
        throw error;
      }
    },
  };
}

async function read(
  thread: DatabaseThread,
  question: { kind: 'get'; id: string } | { kind: 'list'; query: PageQuery },
): Promise<readonly UsageRecord[]> {
  return (await askThread(thread, question)).map((row): UsageRecord => JSON.parse(row));
}

async function askThread(thread: DatabaseThread, question: Question): Promise<readonly string[]> {
  try {
    return await thread.ask(question);
  } catch (error) {
    throw storeError(error);
  }
}

/** Asks for one more than wanted, to know whether there is another page. */
function pageQuery(query: LedgerQuery): PageQuery {
  const { cursor, untilMs = Infinity } = query;
  const after = cursor === undefined ? undefined : readCursor(cursor);
  // No id is less than the empty one: it bounds the whole millisecond.
  const before = after !== undefined && after.atMs < untilMs ? after : { atMs: untilMs, id: '' };
  return {
    sinceMs: query.sinceMs ?? -Infinity,
    beforeMs: before.atMs,
    beforeId: before.id,
    limit: limitOf(query.limit) + 1,
  };
}

function asPage(found: readonly UsageRecord[], limit: number): LedgerPage {
  const records = found.slice(0, limit);
  const last = records.at(-1);
  return found.length > limit && last !== undefined
    ? { records, next: writeCursor(last) }
    : { records };
}
