import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readDataset } from './dataset.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rows-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const MESSAGES = [{ role: 'user', content: 'hi' }];

test('a log needs only messages and a score', () => {
  writeFileSync(
    join(folder, 'log.jsonl'),
    `${JSON.stringify({ messages: MESSAGES, weak_score: 1 })}\n`,
  );
  const { rows, hash } = readDataset(folder);
  expect(rows).toMatchObject([{ bench: 'own', small: 1, large: undefined, id: 'log.jsonl:1' }]);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

test('a line that is not a labelled prompt is reported with its position', () => {
  writeFileSync(
    join(folder, 'log.jsonl'),
    `${JSON.stringify({ messages: MESSAGES })}\n{"messages": []}\n`,
  );
  expect(() => readDataset(folder)).toThrow(/log\.jsonl:2/);
});

test('a folder without data is refused, with the expected file names', () => {
  expect(() => readDataset(folder)).toThrow(/\.jsonl/);
});
