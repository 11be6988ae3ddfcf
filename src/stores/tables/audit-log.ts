/** The audit log on SQLite: who changed what, in one hash chain for policies, keys and owners. */
import type { DatabaseSync } from 'node:sqlite';
import type { Act, AuditEvent, AuditKind, Detail } from '../../core/policy-store.ts';
import { hashOf } from './audit-chain.ts';
import { number, text, type Row } from '../sqlite/row.ts';

export function append(db: DatabaseSync, event: AuditKind, act: Act, detail: Detail): void {
  const last = db.prepare('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1').get();
  db.prepare(
    'INSERT INTO audit (seq, at_ms, who, event, detail, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ).run(...linkAfter(last, event, act, detail));
}

/** The columns of the next row, in the table's order. @param last its `seq` and `hash` */
export function linkAfter(last: Row | undefined, event: AuditKind, act: Act, detail: Detail) {
  const said = act.note === '' ? detail : { ...detail, note: act.note };
  const link = {
    seq: last === undefined ? 1 : number(last, 'seq') + 1,
    atMs: act.atMs,
    who: act.who,
    event,
    detail: JSON.stringify(said),
    previous: last === undefined ? '' : text(last, 'hash'),
  };
  const { seq, atMs, who, previous } = link;
  return [seq, atMs, who, event, link.detail, previous, hashOf(link)] as const;
}

export const audit = (db: DatabaseSync): readonly AuditEvent[] =>
  db.prepare('SELECT * FROM audit ORDER BY seq').all().map(asEvent);

export const asEvent = (row: Row): AuditEvent => ({
  seq: number(row, 'seq'),
  atMs: number(row, 'at_ms'),
  who: text(row, 'who'),
  // Only `append` writes here; rows from elsewhere do not verify.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  event: text(row, 'event') as AuditKind,
  detail: text(row, 'detail'),
  previous: text(row, 'previous'),
  hash: text(row, 'hash'),
});

/** The highest number that the AUTOINCREMENT table ever had, which SQLite remembers. */
export function everWritten(db: DatabaseSync): number {
  const row = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").get();
  return row === undefined ? 0 : number(row, 'seq');
}
