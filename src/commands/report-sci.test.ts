import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRecord } from '../../test/support/record.ts';
import { loadConfig } from '../config/load.ts';
import { upstreamKinds } from '../upstreams/index.ts';
import { reportSci } from './report-sci.ts';

const HOUR_MS = 3_600_000;
const config = loadConfig({ env: {}, kinds: upstreamKinds });
let folder: string;
let question: Parameters<typeof reportSci>[1];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sci-'));
  const records = join(folder, 'records.jsonl');
  const lines = [HOUR_MS, 2 * HOUR_MS].map((atMs) =>
    JSON.stringify(aRecord({ id: `r${atMs}`, atMs })),
  );
  await writeFile(records, lines.join('\n'));
  question = { sinceMs: 0, untilMs: 4 * HOUR_MS, records, window: '1h', bound: 'high' };
});
afterAll(() => rm(folder, { recursive: true }));

test('grams per request and per 1,000 tokens, with their boundary', async () => {
  const report = JSON.parse(await reportSci(config, question));
  expect(report.total.high.requests).toBe(2);
  expect(report.perRequestG.high).toBeCloseTo(report.total.high.carbon / 2, 12);
  expect(report.boundary).toContain('idle power included');
});

test('rows for Impact Framework: one per hour from the first record, each with idle power', async () => {
  const [head, ...rows] = (await reportSci(config, { ...question, csv: true }))
    .trim()
    .split('\r\n');
  expect(head).toBe(
    'timestamp,duration,energy,carbon-operational,carbon-embodied,carbon,requests,tokens',
  );
  const cells = rows.map((row) => row.split(','));
  expect(cells.map(([timestamp]) => timestamp)).toEqual([
    '1970-01-01T01:00:00.000Z',
    '1970-01-01T02:00:00.000Z',
    '1970-01-01T03:00:00.000Z',
  ]);
  expect(cells.map((row) => Number(row[1]))).toEqual([3600, 3600, 3600]);
});

test('an invalid bound is refused', async () => {
  await expect(reportSci(config, { ...question, bound: 'middle' })).rejects.toThrow('low or high');
});
