/** What callers and audits said of answers, in the database. */
import type { DatabaseSync } from 'node:sqlite';
import type { QualityQuestion } from './messages.ts';
import { AUDITS_SINCE } from './schema.ts';
import { inTransaction } from './transaction.ts';

export type Quality = (question: QualityQuestion) => readonly string[];

export function qualityIn(db: DatabaseSync): Quality {
  const addFeedback = db.prepare('INSERT INTO feedback (request_id, feedback) VALUES (?, ?)');
  const dropFeedback = db.prepare(
    "DELETE FROM feedback WHERE request_id = ? AND json_extract(feedback, '$.caller') = ?",
  );
  const feedback = db.prepare(
    'SELECT feedback AS record FROM feedback WHERE request_id = ? ORDER BY seq',
  );
  const addAudit = db.prepare('INSERT INTO audits (at_ms, audit) VALUES (?, ?)');
  const audits = db.prepare(AUDITS_SINCE);
  return (question) => {
    switch (question.kind) {
      case 'add-feedback':
        inTransaction(db, () => {
          dropFeedback.run(question.requestId, question.caller);
          addFeedback.run(question.requestId, question.line);
        });
        return [];
      case 'feedback':
        return feedback.all(question.requestId).map(({ record }) => String(record));
      case 'add-audit':
        addAudit.run(question.atMs, question.line);
        return [];
      case 'audits':
        return audits.all(question.sinceMs).map(({ audit }) => String(audit));
    }
  };
}
