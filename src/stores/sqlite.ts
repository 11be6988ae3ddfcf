/** The ledger on SQLite: written and read in its own thread, so that no request waits for a disk. */
import { GatewayError } from '../core/errors.ts';
import type { Audit } from '../core/audit.ts';
import type { UsageRecord } from '../core/record.ts';
import type { Feedback, Ledger, LedgerPage, LedgerQuery } from '../core/store.ts';
import { attemptQueue, type AttemptQueue } from './attempt-queue.ts';
import { limitOf, readCursor, writeCursor } from './cursor.ts';
import { createWriteBehind, type WriteBehindOptions } from './write-behind.ts';
import { dictionary } from './dictionary.ts';
import { figuresOverRecords } from './figures-over-records.ts';
import { ledgerPages } from './ledger-pages.ts';
import { recordIn, rowPacker, type PackedRow } from './packed-rows.ts';
import { joinedRows } from './row-batches.ts';
import type { PageQuery, Question } from './sqlite-messages.ts';
import { databaseThread, type DatabaseThread, type Spawn } from './sqlite-thread.ts';

export interface SqliteOptions extends Pick<WriteBehindOptions<PackedRow>, 'onProblem'> {
  /** The file; its folder is created. `:memory:`: lost with the process. */
  readonly path: string;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
  readonly spawn?: Spawn;
}

export interface SqliteLedger extends Ledger {
  /** On the same thread; closed with the ledger. */
  readonly attempts: AttemptQueue;
}

/**
 * Opens or creates the file, and migrates its tables. After `flush()` a record is on disk (WAL, synchronous FULL) and survives a
 * crash and a power cut.
 * @throws GatewayError that says what is wrong with the file and what to do
 */
export async function sqliteLedger(options: SqliteOptions): Promise<SqliteLedger> {
  const { path, spawn, ...queueOptions } = options;
  const thread = databaseThread(path, spawn);
  try {
    await thread.ask({ kind: 'get', id: '' });
  } catch (error) {
    await thread.end();
    throw storeError(error);
  }
  const attempts = attemptQueue(thread.ask);
  const packed = packing(thread);
  const queue = createWriteBehind<PackedRow>({ ...queueOptions, write: packed.write });
  const list = async (query: LedgerQuery): Promise<LedgerPage> => {
    const page = pageQuery(query);
    await queue.flush();
    return asPage(await read(thread, { kind: 'list', query: page }), page.limit - 1);
  };
  return {
    append: (record) => queue.add(record.id, packed.rowOf(record)),
    get: async (id) => {
      const waiting = queue.find(id);
      return waiting === undefined
        ? (await read(thread, { kind: 'get', id }))[0]
        : packed.recordIn(waiting);
    },
    list,
    figures: figuresOverRecords(async (sinceMs) => {
      const records: UsageRecord[] = [];
      for await (const page of ledgerPages({ list }, sinceMs)) records.push(...page);
      return records;
    }),
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
    stats: () => queue.stats(),
    attempts,
    flush: async () => void (await Promise.all([queue.flush(), attempts.flush()])),
    close: async () => {
      await Promise.all([queue.close(), attempts.close()]);
      // Fails only if the thread has already exited.
      await thread.ask({ kind: 'close' }).catch(() => []);
      await thread.end();
    },
  };
}

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
