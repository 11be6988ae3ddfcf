import { expect, test } from 'vitest';
import { attemptBook } from './book.ts';
import { openDatabase } from '../sqlite/open.ts';
import { watermark } from '../sqlite/watermark.ts';

test('an intent, its end and their count are written without tables of their own', () => {
  const db = openDatabase(':memory:');
  const prepared: string[] = [];
  const prepare = db.prepare.bind(db);
  db.prepare = (sql) => {
    prepared.push(sql);
    return prepare(sql);
  };
  attemptBook(db);
  watermark(db, ':memory:');
  const ofEachRow = prepared.filter((sql) =>
    /^(?:INSERT INTO|UPDATE) (?:attempts|spending|marks)\b(?!.*NOT IN)/s.test(sql),
  );
  const tables = ofEachRow.filter((sql) =>
    prepare(`EXPLAIN ${sql}`)
      .all()
      .some(({ opcode }) => opcode === 'OpenEphemeral'),
  );
  db.close();
  expect(ofEachRow.length).toBeGreaterThan(4);
  expect(tables).toEqual([]);
});
