/** The thread that owns the database: one connection, one transaction per batch, durable before it replies. */
import { parentPort, workerData } from 'node:worker_threads';
import { collectGarbage } from '../../lib/collect-garbage.ts';
import { OPENED, type ThreadQuestion } from '../../lib/supervised-thread.ts';
import { claimed, released } from '../tables/claims.ts';
import { insertOwners, widenOwned } from '../tables/owner-rows.ts';
import { olderCounter, type CountOlder } from '../rollups/older.ts';
import { rollupsIn } from '../rollups/rollups.ts';
import { attemptBook, type SqliteAttempts } from '../attempts/book.ts';
import { fileGuard } from './file-guard.ts';
import { explain } from './errors.ts';
import { figuresIn } from './figures.ts';
import type { AttemptQuestion } from '../attempts/messages.ts';
import { openDatabase } from './open.ts';
import { qualityIn, type Quality } from './quality.ts';
import {
  type FiguresQuestion,
  type KeptQuestion,
  type RollupQuestion,
  type QualityQuestion,
  type Question,
  type Reply,
} from './messages.ts';
import { recordsIn, type RecordTables, type SqliteRecords } from './records.ts';
import { recordReader, writtenWords } from './words.ts';
import { outboxIn, type Outbox, type OutboxQuestion } from '../outbox/outbox.ts';
import { pruneSome } from './prune.ts';
import { foundAtStart } from './start.ts';
import { isWrite, sharedWrites, writtenTogether } from './writes.ts';
import { watermark } from './watermark.ts';

interface Tables extends RecordTables {
  readonly records: SqliteRecords;
  readonly attempts: SqliteAttempts;
  readonly path: string;
  readonly figures: (question: FiguresQuestion) => unknown;
  readonly countOlder: CountOlder;
  readonly outbox: Outbox;
  readonly quality: Quality;
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

const KEPT: ReadonlySet<string> = new Set<KeptQuestion['kind']>([
  'claim',
  'release',
  'own',
  'widen',
  'prune',
  'start',
  'close',
]);

const isKept = (question: Question): question is KeptQuestion => KEPT.has(question.kind);

const isAboutQuality = (question: Question): question is QualityQuestion =>
  ABOUT_QUALITY.has(question.kind);

const isAboutAttempts = (question: Question): question is AttemptQuestion =>
  ABOUT_ATTEMPTS.has(question.kind);

function answer(tables: Tables, question: Question): readonly string[] {
  const { records } = tables;
  if (isWrite(question)) return writtenTogether(tables, [question])[0]!;
  if (isAboutAttempts(question)) return tables.attempts.answer(question);
  if (isAboutQuality(question)) return tables.quality(question);
  if (isAboutFigures(question)) return answerFigures(tables, question);
  if (isAboutOutbox(question)) return tables.outbox(question);
  if (isKept(question)) return keep(tables, question);
  switch (question.kind) {
    case 'get':
      return records.get(question.id);
    case 'list':
      return records.list(question.query);
  }
}

function keep({ db, path, guard, mark }: Tables, question: KeptQuestion): readonly string[] {
  switch (question.kind) {
    case 'claim':
      return claimed(db, question.row, question.sinceMs);
    case 'release':
      released(db, question.id);
      return [];
    case 'own':
      insertOwners(db, question.rows);
      return [];
    case 'widen':
      widenOwned(db, question.id, question.more);
      return [];
    case 'prune':
      return [JSON.stringify(pruneSome(db, question.beforeMs, question.most))];
    case 'start':
      guard.lay();
      return [JSON.stringify(foundAtStart(db, path, question))];
    case 'close':
      mark.close();
      db.close();
      return [];
  }
}

const isAboutOutbox = (question: Question): question is OutboxQuestion =>
  question.kind.startsWith('outbox-');

const isAboutFigures = (question: Question): question is RollupQuestion =>
  question.kind === 'figures' || question.kind === 'count-older';

function answerFigures(
  { rollups, figures, countOlder }: Tables,
  question: RollupQuestion,
): readonly string[] {
  if (question.kind === 'figures') return [JSON.stringify(figures(question.about))];
  try {
    return countOlder(question.most) ? ['more'] : [];
  } catch (error) {
    rollups.forget();
    throw error;
  }
}

function serve(
  path: string,
  reply: (message: Reply) => void,
): (asked: ThreadQuestion<Question>) => void {
  const db = openDatabase(path);
  const recordOf = recordReader(db);
  const rollups = rollupsIn(db);
  const guard = fileGuard(path);
  const shared = {
    db,
    guard,
    rollups,
    recordOf,
    words: writtenWords(db),
    mark: watermark(db, path),
  };
  const tables: Tables = {
    ...shared,
    path,
    records: recordsIn(shared),
    figures: figuresIn(db, recordOf),
    countOlder: olderCounter(db, rollups, recordOf),
    outbox: outboxIn(db, recordOf),
    quality: qualityIn(db),
    attempts: attemptBook(db),
  };
  const alone = ({ seq, question }: ThreadQuestion<Question>): void => {
    try {
      reply({ seq, found: answer(tables, question) });
    } catch (error) {
      reply({ seq, failure: explain(error, path) });
    }
  };
  const writes = sharedWrites((questions) => writtenTogether(tables, questions), {
    found: (seq, found) => reply({ seq, found }),
    alone,
  });
  return ({ seq, question }) => {
    if (isWrite(question)) return writes.take({ seq, question });
    writes.settle();
    alone({ seq, question });
  };
}

/** Milliseconds: by then the gateway is ready, and reads nothing of the database that it read at its start. */
const STARTED_MS = 10_000;

const port = parentPort;
if (typeof workerData === 'string') open(workerData);
else port?.once('message', open);

function open(path: string): void {
  if (port === null) return;
  const reply = (message: Reply): void => port.postMessage(message);
  try {
    port.on('message', serve(path, reply));
    reply({ seq: OPENED, found: [] });
    // V8 collects when more is made, and a thread that nobody asks makes nothing.
    setTimeout(collectGarbage, STARTED_MS).unref();
  } catch (error) {
    reply({ seq: OPENED, failure: explain(error, path) });
  }
}
