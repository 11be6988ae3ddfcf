/** Numbers that grow with every change of a table, so that other processes notice it. */
import type { DatabaseSync } from 'node:sqlite';
import { number } from '../sqlite/row.ts';

/** 0 before the first change. */
export function markedVersion(db: DatabaseSync, name: string): number {
  const row = db.prepare('SELECT value FROM marks WHERE name = ?').get(name);
  return row === undefined ? 0 : number(row, 'value');
}

export function raiseVersion(db: DatabaseSync, name: string): void {
  db.prepare(
    'INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  ).run(name, String(markedVersion(db, name) + 1));
}
