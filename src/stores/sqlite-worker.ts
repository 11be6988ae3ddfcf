/** The thread that owns the database: one connection, one transaction per batch, durable before it replies. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { explain, isAboutTheRow } from './sqlite-errors.ts';
import { openDatabase } from './sqlite-open.ts';
import {
  OPENED,
  type Asked,
  type PageQuery,
  type Question,
  type RecordRow,
  type Reply,
} from './sqlite-messages.ts';

interface Statements {
  readonly insert: StatementSync;
  readonly get: StatementSync;
  readonly list: StatementSync;
  readonly addFeedback: StatementSync;
  readonly feedback: StatementSync;
}

const prepare = (db: DatabaseSync): Statements => ({
  insert: db.prepare(
    `INSERT INTO records (id, at_ms, caller, upstream, outcome, cost_nano_usd, record)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  ),
  get: db.prepare('SELECT record FROM records WHERE id = ?'),
  list: db.prepare(
    // One upper bound: with two, SQLite seeks the index by the first and scans to the second.
    `SELECT record FROM records WHERE at_ms >= ? AND (at_ms, id) < (?, ?)
     ORDER BY at_ms DESC, id DESC LIMIT ?`,
  ),
  addFeedback: db.prepare('INSERT INTO feedback (request_id, feedback) VALUES (?, ?)'),
  feedback: db.prepare('SELECT feedback AS record FROM feedback WHERE request_id = ? ORDER BY seq'),
});

/** Returns the ids of records that can never be stored: they must not block the others. */
function write(
  db: DatabaseSync,
  { insert }: Statements,
  rows: readonly RecordRow[],
): readonly string[] {
  db.exec('BEGIN IMMEDIATE');
  try {
    const refused = rows.filter((row) => !inserted(insert, row));
    db.exec('COMMIT');
    return refused.map(([id]) => id);
  } catch (error) {
    // SQLite has already rolled back by itself after some errors (a full disk).
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function inserted(insert: StatementSync, row: RecordRow): boolean {
  try {
    insert.run(...row);
    return true;
  } catch (error) {
    if (isAboutTheRow(error)) return false;
    throw error;
  }
}

function answer(db: DatabaseSync, statements: Statements, question: Question): readonly string[] {
  switch (question.kind) {
    case 'write':
      return write(db, statements, question.rows);
    case 'get':
      return texts(statements.get.all(question.id));
    case 'list':
      return list(statements, question.query);
    case 'add-feedback':
      statements.addFeedback.run(question.requestId, question.line);
      return [];
    case 'feedback':
      return texts(statements.feedback.all(question.requestId));
    case 'close':
      db.close();
      return [];
  }
}

const list = ({ list: select }: Statements, query: PageQuery): readonly string[] =>
  texts(select.all(query.sinceMs, query.beforeMs, query.beforeId, query.limit));

const texts = (rows: readonly Record<string, unknown>[]): readonly string[] =>
  rows.map(({ record }) => String(record));

function serve(path: string, reply: (message: Reply) => void): (asked: Asked) => void {
  const db = openDatabase(path);
  const statements = prepare(db);
  return ({ seq, question }) => {
    try {
      reply({ seq, rows: answer(db, statements, question) });
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
