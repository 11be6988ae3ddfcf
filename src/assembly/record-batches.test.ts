import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { UsageRecord } from '../core/record.ts';
import { aRecord } from '../../test/support/record.ts';
import { recordBatches } from './record-batches.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const records = (count: number): readonly UsageRecord[] =>
  Array.from({ length: count }, (_, index) => aRecord({ id: `r${index}` }));

function rig() {
  const seen: string[] = [];
  const failures: unknown[] = [];
  const sinkOf = (name: string) => (record: UsageRecord) => void seen.push(`${name} ${record.id}`);
  const broken = (record: UsageRecord): void => {
    throw new Error(`not ${record.id}`);
  };
  const batches = recordBatches([sinkOf('a'), broken, sinkOf('b')], (error) =>
    failures.push(error),
  );
  return { batches, seen, failures, sinkOf };
}

test('records that come together are published together, in order, sink after sink', () => {
  const { batches, seen } = rig();
  for (const record of records(3)) batches.publish(record);
  expect(seen).toEqual([]);
  vi.runAllTimers();
  expect(seen).toEqual(['a r0', 'a r1', 'a r2', 'b r0', 'b r1', 'b r2']);
});

test('a full batch is published at once, and no record twice', () => {
  const { batches, seen } = rig();
  for (const record of records(65)) batches.publish(record);
  expect(seen).toHaveLength(128);
  vi.runAllTimers();
  expect(seen).toHaveLength(130);
  expect(new Set(seen).size).toBe(130);
});

test('flush publishes at once', () => {
  const { batches, seen } = rig();
  for (const record of records(1)) batches.publish(record);
  batches.flush();
  expect(seen).toEqual(['a r0', 'b r0']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a sink that throws keeps no record from the others, and is reported', () => {
  const { batches, seen, failures } = rig();
  for (const record of records(2)) batches.publish(record);
  batches.flush();
  expect(failures).toEqual([new Error('not r0'), new Error('not r1')]);
  expect(seen).toHaveLength(4);
});

test('a record is noted at once, before it waits for others', () => {
  const { seen, failures, sinkOf } = rig();
  const batches = recordBatches([sinkOf('a')], (error) => failures.push(error), sinkOf('noted'));
  for (const record of records(2)) batches.publish(record);
  expect(seen).toEqual(['noted r0', 'noted r1']);
  batches.flush();
  expect(seen.slice(2)).toEqual(['a r0', 'a r1']);
});
