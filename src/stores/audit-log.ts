/** The audit log on SQLite: who changed what, in one hash chain for policies, keys and owners. */
import type { DatabaseSync } from 'node:sqlite';
import type { Act, AuditEvent, AuditKind, Detail } from '../core/policy-store.ts';
import { hashOf } from './audit-chain.ts';
import { number, text } from './sqlite-row.ts';

export function append(db: DatabaseSync, event: AuditKind, act: Act, detail: Detail): void {
  const last = db.prepare('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1').get();
  const said = act.note === '' ? detail : { ...detail, note: act.note };
  const link = {
    seq: last === undefined ? 1 : number(last, 'seq') + 1,
    atMs: act.atMs,
    who: act.who,
    event,
    detail: JSON.stringify(said),
    previous: last === undefined ? '' : text(last, 'hash'),
  };
  db.prepare(
    'INSERT INTO audit (seq, at_ms, who, event, detail, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ).run(link.seq, link.atMs, link.who, event, link.detail, link.previous, hashOf(link));
}

export const audit = (db: DatabaseSync): readonly AuditEvent[] =>
  db
    .prepare('SELECT * FROM audit ORDER BY seq')
    .all()
    .map((row) => ({
      seq: number(row, 'seq'),
      atMs: number(row, 'at_ms'),
      who: text(row, 'who'),
      // Only `append` writes here; rows from elsewhere do not verify.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      event: text(row, 'event') as AuditKind,
      detail: text(row, 'detail'),
      previous: text(row, 'previous'),
      hash: text(row, 'hash'),
    }));

/** The highest number that the AUTOINCREMENT table ever had, which SQLite remembers. */
export function everWritten(db: DatabaseSync): number {
  const row = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").get();
  return row === undefined ? 0 : number(row, 'seq');
}
