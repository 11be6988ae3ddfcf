/** Records, intents and ends on the ledger's thread: what comes together is written in one transaction, with one sync of the disk. */
import type { DatabaseSync } from 'node:sqlite';
import type { ThreadQuestion } from '../../lib/supervised-thread.ts';
import type { FileGuard } from './file-guard.ts';
import type { SqliteAttempts } from '../attempts/book.ts';
import { isDiskFull } from './errors.ts';
import type { Question } from './messages.ts';
import type { SqliteRecords } from './records.ts';
import { inTransaction } from './transaction.ts';
import type { Watermark } from './watermark.ts';

export type WriteQuestion = Extract<Question, { readonly kind: 'write' | 'attempts' }>;

export const isWrite = (question: Question): question is WriteQuestion =>
  question.kind === 'write' || question.kind === 'attempts';

interface WriteTables {
  readonly db: DatabaseSync;
  readonly records: SqliteRecords;
  readonly attempts: SqliteAttempts;
  readonly guard: FileGuard;
  readonly mark: Watermark;
}

type Answers = readonly (readonly string[])[];

/**
 * Writes all of them or none. Tries again where the ballast made room: what must end is written, and the rest is refused until there is
 * space.
 */
export function writtenTogether(tables: WriteTables, questions: readonly WriteQuestion[]): Answers {
  const { guard } = tables;
  guard.check();
  try {
    return written(tables, questions);
  } catch (error) {
    if (!isDiskFull(error) || !guard.wasFull()) throw error;
    return written(tables, questions);
  }
}

function written(tables: WriteTables, questions: readonly WriteQuestion[]): Answers {
  const { db, records, mark } = tables;
  let isCommitted = false;
  try {
    const answers = inTransaction(db, () => {
      const found = questions.map((question) =>
        question.kind === 'write' ? records.write(question.batch) : booked(tables, question),
      );
      mark.write();
      return found;
    });
    isCommitted = true;
    return answers;
  } finally {
    mark.ended(isCommitted);
    records.ended(isCommitted);
  }
}

/** While the disk is full no intent is written: what it leads to could not be ended. */
function booked(
  { attempts, mark, guard }: WriteTables,
  question: Extract<WriteQuestion, { kind: 'attempts' }>,
): readonly string[] {
  const { ops } = question;
  const isFull = guard.isFull();
  const kept = isFull ? ops.filter((op) => 'end' in op) : ops;
  const refused = isFull
    ? ops.flatMap((op) => ('open' in op ? [{ id: op.open.id, budget: null }] : []))
    : [];
  mark.count(kept.length);
  const found = attempts.within({ ...question, ops: kept });
  return [JSON.stringify({ ...found, refused: [...found.refused, ...refused] })];
}

/** Records wait so long for intents to be written with. */
const RECORDS_WAIT_MS = 5;
/** Where the last intents are older than that, more are not waited for. */
const INTENTS_RECENT_MS = 20;

type Asked = ThreadQuestion<WriteQuestion>;

export interface Writes {
  /** An intent at once, since a request waits for it; records with the next intents, where some have just come. */
  take(asked: Asked): void;
  /** Writes the records that wait. */
  settle(): void;
}

/**
 * @param write all of them or none
 * @param alone answers one, and says what fails
 */
export function sharedWrites(
  write: (questions: readonly WriteQuestion[]) => Answers,
  replies: {
    readonly found: (seq: number, found: readonly string[]) => void;
    readonly alone: (asked: Asked) => void;
  },
): Writes {
  let waiting: Asked[] = [];
  let timer: NodeJS.Timeout | undefined;
  let intentsMs = -Infinity;
  const commit = (together: readonly Asked[]): void => {
    let answers: Answers;
    try {
      answers = write(together.map(({ question }) => question));
    } catch {
      // One of them is at fault, or the disk is: each is told for itself.
      for (const asked of together) replies.alone(asked);
      return;
    }
    for (const [at, { seq }] of together.entries()) replies.found(seq, answers[at]!);
  };
  const released = (): readonly Asked[] => {
    clearTimeout(timer);
    timer = undefined;
    const all = waiting;
    waiting = [];
    return all;
  };
  const settle = (): void => {
    if (waiting.length > 0) commit(released());
  };
  return {
    take: (asked) => {
      const nowMs = performance.now();
      if (asked.question.kind === 'attempts') {
        intentsMs = nowMs;
        commit([asked, ...released()]);
      } else {
        waiting.push(asked);
        if (nowMs - intentsMs > INTENTS_RECENT_MS) settle();
        else timer ??= setTimeout(settle, RECORDS_WAIT_MS);
      }
    },
    settle,
  };
}
