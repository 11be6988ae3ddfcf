import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aRecord } from '../../test/support/record.ts';
import type { UsageRecord } from '../core/record.ts';
import { countRecord } from '../figures/count.ts';
import { Figures } from '../figures/figures.ts';
import { refusedRows } from './refused-rows.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function refused(id: string): UsageRecord {
  const { decision: _, ...record } = aRecord({ id, attempts: [], outcome: 'failed', status: 401 });
  return { ...record, errorCode: 'caller_bad_key' };
}

test('a thousand wrong keys are one row a minute, which counts for all of them', () => {
  const rows: UsageRecord[] = [];
  const { append, flush } = refusedRows({ append: (row) => void rows.push(row) });
  for (let at = 0; at < 1000; at += 1) append(refused(`a${at}`));
  append(aRecord({ id: 'answered' }));
  expect(rows.map(({ id }) => id)).toEqual(['answered']);
  vi.advanceTimersByTime(60_000);
  append(refused('b'));
  flush();
  expect(rows.slice(1)).toMatchObject([
    { id: 'a0', times: 1000 },
    { id: 'b', times: 1 },
  ]);
  const figures = new Figures();
  for (const row of rows.slice(1)) countRecord(row, () => figures);
  expect([figures.get('requests'), figures.get('failed')]).toEqual([1001, 1001]);
});

test('each operation has a row of its own', () => {
  const rows: UsageRecord[] = [];
  const { append, flush } = refusedRows({ append: (row) => void rows.push(row) });
  append(refused('a'));
  append({ ...refused('b'), operation: 'embeddings' });
  flush();
  expect(rows).toHaveLength(2);
});

test('what makes no row of its own is not noted either', () => {
  const noted: string[] = [];
  const rows = refusedRows({ append: () => {}, note: ({ id }) => void noted.push(id) });
  rows.note(refused('wrong-key'));
  rows.note(aRecord({ id: 'answered' }));
  expect(noted).toEqual(['answered']);
});
