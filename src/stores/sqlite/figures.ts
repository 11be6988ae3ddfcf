/** Answers questions about figures and lists, from roll-ups and rows. */
import type { DatabaseSync } from 'node:sqlite';
import { rollupReader } from '../rollups/reader.ts';
import { rowFinder } from '../rollups/rows.ts';
import type { FiguresQuestion } from './messages.ts';
import type { recordReader } from './words.ts';

export function figuresIn(
  db: DatabaseSync,
  recordOf: ReturnType<typeof recordReader>,
): (question: FiguresQuestion) => unknown {
  const reader = rollupReader(db, recordOf);
  const rows = rowFinder(db, reader, recordOf);
  const answer = (question: FiguresQuestion): unknown => {
    switch (question.kind) {
      case 'totals':
        return reader.totals(question.window);
      case 'series':
        return reader.series(question.window);
      case 'rows':
        return rows(question.query);
    }
  };
  return (question) => {
    // What is asked is made of several selects: all of them see the file as it is now.
    db.exec('BEGIN');
    try {
      return answer(question);
    } finally {
      db.exec('COMMIT');
    }
  };
}
