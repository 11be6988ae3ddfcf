/** The thread that owns the database: one connection, one transaction per batch, durable before it replies. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { UsageRecord } from '../core/record.ts';
import { claimed, released } from './claims.ts';
import { insertOwners } from './owner-rows.ts';
import { columnsIn, toBytes, type Columns } from './packed-rows.ts';
import { rowsOf } from './row-batches.ts';
import { attemptBook, type SqliteAttempts } from './sqlite-attempts.ts';
import { explain, isAboutTheRow } from './sqlite-errors.ts';
import type { AttemptQuestion } from './attempts-messages.ts';
import { openDatabase } from './sqlite-open.ts';
import { AUDITS_SINCE } from './sqlite-schema.ts';
import {
  OPENED,
  type Asked,
  type Batch,
  type PageQuery,
  type QualityQuestion,
  type Question,
  type Reply,
} from './sqlite-messages.ts';
import {
  RECORD_COLUMNS,
  recordReader,
  writtenWords,
  type StoredRow,
  type WrittenWords,
} from './sqlite-words.ts';
import { inTransaction } from './transaction.ts';

interface Statements {
  readonly insert: StatementSync;
  readonly get: StatementSync;
  readonly list: StatementSync;
  readonly addFeedback: StatementSync;
  readonly dropFeedback: StatementSync;
  readonly feedback: StatementSync;
  readonly addAudit: StatementSync;
  readonly audits: StatementSync;
}

interface Tables {
  readonly db: DatabaseSync;
  readonly statements: Statements;
  readonly attempts: SqliteAttempts['answer'];
  readonly words: WrittenWords;
  readonly recordOf: (row: StoredRow) => UsageRecord;
}

const prepare = (db: DatabaseSync): Statements => ({
  insert: db.prepare(
    `INSERT INTO records (id, at_ms, caller, upstream, outcome, cost_nano_usd, record, packed, dictionary)
     VALUES (?, ?, ?, ?, ?, ?, '', ?, ?) ON CONFLICT (id) DO NOTHING`,
  ),
  get: db.prepare(`SELECT ${RECORD_COLUMNS} FROM records WHERE id = ?`),
  list: db.prepare(
    // One upper bound: with two, SQLite seeks the index by the first and scans to the second.
    `SELECT ${RECORD_COLUMNS} FROM records WHERE at_ms >= ? AND (at_ms, id) < (?, ?)
     ORDER BY at_ms DESC, id DESC LIMIT ?`,
  ),
  addFeedback: db.prepare('INSERT INTO feedback (request_id, feedback) VALUES (?, ?)'),
  dropFeedback: db.prepare(
    "DELETE FROM feedback WHERE request_id = ? AND json_extract(feedback, '$.caller') = ?",
  ),
  addAudit: db.prepare('INSERT INTO audits (at_ms, audit) VALUES (?, ?)'),
  audits: db.prepare(AUDITS_SINCE),
  feedback: db.prepare('SELECT feedback AS record FROM feedback WHERE request_id = ? ORDER BY seq'),
});

/** Returns the ids of records that can never be stored: they must not block the others. */
function write({ db, statements, words }: Tables, batch: Batch): readonly string[] {
  words.take(batch.words);
  let isCommitted = false;
  try {
    const refused = inTransaction(db, () => {
      const dictionary = words.write();
      return rowsOf(batch).flatMap((row) => {
        const columns = columnsIn(row, words.words);
        const packed = [toBytes(row), dictionary] as const;
        return inserted(statements.insert, columns, packed) ? [] : [columns.id];
      });
    });
    isCommitted = true;
    return refused;
  } finally {
    words.ended(isCommitted);
  }
}

function inserted(
  insert: StatementSync,
  { id, atMs, caller, upstream, outcome, costNanoUsd }: Columns,
  packed: readonly [bytes: Uint8Array, dictionary: number],
): boolean {
  try {
    insert.run(id, atMs, caller, upstream, outcome, costNanoUsd, ...packed);
    return true;
  } catch (error) {
    if (isAboutTheRow(error)) return false;
    throw error;
  }
}

const ABOUT_ATTEMPTS: ReadonlySet<string> = new Set<AttemptQuestion['kind']>([
  'attempts',
  'committed',
  'beat',
  'farewell',
]);

const ABOUT_QUALITY: ReadonlySet<string> = new Set<QualityQuestion['kind']>([
  'add-feedback',
  'feedback',
  'add-audit',
  'audits',
]);

const isAboutQuality = (question: Question): question is QualityQuestion =>
  ABOUT_QUALITY.has(question.kind);

const isAboutAttempts = (question: Question): question is AttemptQuestion =>
  ABOUT_ATTEMPTS.has(question.kind);

function answerQuality({ db, statements }: Tables, question: QualityQuestion): readonly string[] {
  switch (question.kind) {
    case 'add-feedback':
      inTransaction(db, () => {
        statements.dropFeedback.run(question.requestId, question.caller);
        statements.addFeedback.run(question.requestId, question.line);
      });
      return [];
    case 'feedback':
      return statements.feedback.all(question.requestId).map(({ record }) => String(record));
    case 'add-audit':
      statements.addAudit.run(question.atMs, question.line);
      return [];
    case 'audits':
      return statements.audits.all(question.sinceMs).map(({ audit }) => String(audit));
  }
}

function answer(tables: Tables, question: Question): readonly string[] {
  const { db, statements, attempts } = tables;
  if (isAboutAttempts(question)) return attempts(question);
  if (isAboutQuality(question)) return answerQuality(tables, question);
  switch (question.kind) {
    case 'write':
      return write(tables, question.batch);
    case 'get':
      return records(tables, statements.get.all(question.id));
    case 'list':
      return records(tables, list(statements, question.query));
    case 'claim':
      return claimed(db, question.row, question.sinceMs);
    case 'release':
      released(db, question.id);
      return [];
    case 'own':
      insertOwners(db, question.rows);
      return [];
    case 'close':
      db.close();
      return [];
  }
}

const list = ({ list: select }: Statements, query: PageQuery): readonly StoredRow[] =>
  select.all(query.sinceMs, query.beforeMs, query.beforeId, query.limit);

const records = ({ recordOf }: Tables, rows: readonly StoredRow[]): readonly string[] =>
  rows.map((row) => JSON.stringify(recordOf(row)));

function serve(path: string, reply: (message: Reply) => void): (asked: Asked) => void {
  const db = openDatabase(path);
  const statements = prepare(db);
  const words = writtenWords(db);
  const tables = {
    db,
    statements,
    words,
    recordOf: recordReader(db),
    attempts: attemptBook(db).answer,
  };
  return ({ seq, question }) => {
    try {
      reply({ seq, rows: answer(tables, question) });
    } catch (error) {
      reply({ seq, failure: explain(error, path) });
    }
  };
}

const port = parentPort;
if (port !== null) {
  const path = String(workerData);
  const reply = (message: Reply): void => port.postMessage(message);
  try {
    const answerTo = serve(path, reply);
    port.on('message', answerTo);
    reply({ seq: OPENED, rows: [] });
  } catch (error) {
    reply({ seq: OPENED, failure: explain(error, path) });
  }
}
