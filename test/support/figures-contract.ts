/** Records of some days, and that their figures are the same however they are kept. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { METRICS, type Metric } from '../../src/core/admin-figures.ts';
import type { RowsQuery } from '../../src/core/admin-requests.ts';
import type { UsageRecord } from '../../src/core/record.ts';
import type { FiguresReader } from '../../src/core/store.ts';
import { gridOf } from '../../src/figures/steps.ts';
import { figuresOverRecords } from '../../src/stores/memory/figures-over-records.ts';
import { anAttempt, aRecord } from './record.ts';
import { rounded } from './rounded.ts';

/** 2026-03-28: the clocks of Europe change in the night after it. */
export const START_MS = Date.UTC(2026, 2, 28);
export const DAY_MS = 86_400_000;

const attempt = fc
  .record({
    isSmall: fc.boolean(),
    nano: fc.option(fc.integer({ min: 0, max: 1e12 })),
    outcome: fc.constantFrom('ok' as const, 'failed' as const),
    hasUsage: fc.boolean(),
    role: fc.constantFrom('answer', 'answer', 'shadow', 'draft'),
    low: fc.integer({ min: 0, max: 1000 }),
  })
  .map(({ isSmall, nano, outcome, hasUsage, role, low }) => {
    const made = anAttempt({
      ...(isSmall
        ? { tier: 'small', upstream: 'local', locality: 'local', model: 'qwen3:4b' }
        : { tier: 'large', upstream: 'cloud', locality: 'cloud', model: 'gpt-4o' }),
      outcome,
      cost: nano === null ? null : { totalNanoUsd: nano, kinds: { input: nano }, source: 'list' },
      energy: { lowJ: low, highJ: 2 * low, method: 'modelled', source: 'given' },
      ...(role === 'shadow' ? { shadow: true as const } : {}),
      ...(role === 'draft' ? { kind: 'draft' as const } : {}),
    });
    if (hasUsage) return made;
    const { usage: _, ...bare } = made;
    return bare;
  });

export const recordOfDays = fc
  .record({
    atMs: fc.integer({ min: START_MS, max: START_MS + 4 * DAY_MS }),
    caller: fc.constantFrom('bot', 'ana'),
    outcome: fc.constantFrom('answered' as const, 'failed' as const, 'refused' as const),
    attempts: fc.array(attempt, { maxLength: 3 }),
    latencyMs: fc.integer({ min: 1, max: 1e5 }),
    isShadow: fc.boolean(),
    isDegraded: fc.boolean(),
    baselineNanoUsd: fc.option(fc.integer({ min: 0, max: 1e12 })),
  })
  .map(({ isShadow, isDegraded, ...rest }) =>
    aRecord({
      ...rest,
      ...(isShadow ? { shadowOf: 'req_0' } : {}),
      ...(isDegraded ? { degraded: 'because' } : {}),
    }),
  );

export const numbered = (all: readonly UsageRecord[]): readonly UsageRecord[] =>
  all.map((each, at) => Object.assign(aRecord(), each, { id: `req_${at}` }));

export const recordsOfDays = fc
  .array(recordOfDays, { minLength: 1, maxLength: 60 })
  .map((all) => numbered(all));

/** Totals, series and lists of a store are those of the records. */
export async function expectSameFigures(
  stored: FiguresReader,
  all: readonly UsageRecord[],
): Promise<void> {
  const direct = figuresOverRecords(async () => all);
  const both = async <T>(ask: (figures: FiguresReader) => Promise<T>): Promise<void> =>
    expect(rounded(await ask(stored))).toEqual(rounded(await ask(direct)));
  const whole = { fromMs: START_MS, toMs: START_MS + 5 * DAY_MS };
  const parts = [
    { ...whole, filters: {} },
    { ...whole, filters: { tier: ['small'] } },
    // No end of this one is at a minute.
    { fromMs: START_MS + 12_345_678, toMs: START_MS + 2 * DAY_MS + 1_234_567, filters: {} },
    { fromMs: START_MS + 7, toMs: START_MS + 30_000, filters: { key: ['bot'] } },
  ];
  for (const window of parts) await both(async (figures) => await figures.totals(window));
  for (const [step, zone] of [
    ['1h', 'UTC'],
    ['1d', 'Europe/Madrid'],
    ['1d', 'Asia/Kolkata'],
  ] as const) {
    const grid = gridOf(whole.fromMs, whole.toMs, step, zone);
    for (const metric of Object.keys(METRICS) as Metric[])
      await both(async (figures) => {
        const { lines } = await figures.series({ ...grid, metric, by: 'tier', filters: {} });
        return lines.toSorted((a, b) => `${a.name} ${a.part}`.localeCompare(`${b.name} ${b.part}`));
      });
  }
  const lists: readonly Omit<RowsQuery, 'limit'>[] = [
    { sort: 'time', order: 'desc', filters: {} },
    { sort: 'time', order: 'asc', filters: { outcome: ['answered'], to: START_MS + 2 * DAY_MS } },
    { sort: 'cost', order: 'desc', filters: {} },
    { sort: 'latency', order: 'desc', filters: { minLatencyMs: 500, degraded: true } },
    { sort: 'latency', order: 'asc', filters: { text: 'GPT', escalated: false } },
    { sort: 'time', order: 'desc', filters: { text: 'req_1' } },
    { sort: 'cost', order: 'asc', filters: { maxLatencyMs: 2_000 } },
    { sort: 'cost', order: 'desc', filters: { maxNanoUsd: 1_000, escalated: true } },
    { sort: 'latency', order: 'desc', filters: { minNanoUsd: 1, maxLatencyMs: 4_000 } },
  ];
  for (const list of lists) await both(async (figures) => await everyPage(figures, list));
}

async function everyPage(figures: FiguresReader, list: Omit<RowsQuery, 'limit'>) {
  const rows = [];
  let cursor: string | undefined;
  do {
    const page = await figures.rows({
      ...list,
      limit: 7,
      ...(cursor === undefined ? {} : { cursor }),
    });
    rows.push(...page.rows);
    cursor = page.next;
  } while (cursor !== undefined);
  return rows;
}
