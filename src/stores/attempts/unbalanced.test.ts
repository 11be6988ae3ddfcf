import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ATTEMPT_TABLES } from './schema.ts';
import { unbalancedBooks } from './unbalanced.ts';

const DAY = '["day","gateway",1]';
const LARGE = '["large","gateway","",7]';

let db: DatabaseSync;
beforeEach(() => {
  db = new DatabaseSync(':memory:');
  db.exec(ATTEMPT_TABLES);
  const row = db.prepare(
    `INSERT INTO attempts VALUES (?, 'r', 1, 'bot', NULL, 'cloud', 'm', '', ?, 'b', 70, ?, ?, 2)`,
  );
  row.run('a', JSON.stringify([DAY]), 'settled', 30);
  row.run('b', JSON.stringify([DAY, LARGE]), 'unknown', 70);
  row.run('c', JSON.stringify([DAY]), 'open', null);
  db.prepare("INSERT INTO spending VALUES (?, 'b', 165), (?, '', 15)").run(DAY, DAY);
});
afterEach(() => db.close());

test('of books that agree nothing is said, nor of what was pruned or of the cap of the large model', () => {
  expect(unbalancedBooks(db)).toEqual([]);
  db.exec("DELETE FROM attempts WHERE id = 'a'");
  expect(unbalancedBooks(db)).toEqual([]);
});

test.each([
  ['UPDATE spending SET nano_usd = nano_usd - 6', 'In 1 budget period less'],
  ['DELETE FROM spending', 'In 1 budget period less'],
  ["UPDATE attempts SET used_nano_usd = -1 WHERE id = 'a'", 'Of 1 paid attempt the cost'],
  ["UPDATE attempts SET used_nano_usd = NULL WHERE id = 'a'", 'Of 1 paid attempt the cost'],
])('after %s it is said', (sql, said) => {
  db.exec(sql);
  expect(unbalancedBooks(db)).toEqual([expect.stringContaining(said)]);
});
