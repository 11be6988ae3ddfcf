import { describe, expect, test } from 'vitest';
import { aRecord, anAttempt } from '../../test/support/record.ts';
import { sciCsv, sciReport, sciRows } from './sci.ts';

const HOUR = 3_600_000;
const at = Date.UTC(2026, 10, 1);
const usage = {
  inputTokens: 300,
  cachedInputTokens: 0,
  outputTokens: 200,
  reasoningTokens: 0,
  source: 'reported',
} as const;

/** 0.001 to 0.002 kWh at 400 g: 0.4 to 0.8 g. */
const local = anAttempt({
  usage,
  energy: { lowJ: 3600, highJ: 7200, method: 'attributed', source: 'RAPL' },
  carbon: {
    operational: { lowG: 0.4, highG: 0.8 },
    embodied: { lowG: 0.05, highG: 0.05 },
    method: 'attributed',
    source: '400 g/kWh',
  },
});
const cloud = anAttempt({
  upstream: 'cloud',
  locality: 'cloud',
  usage,
  energy: { lowJ: 1800, highJ: 3600, method: 'modelled', source: 'EcoLogits' },
  carbon: {
    operational: { lowG: 0.2, highG: 0.4 },
    embodied: { lowG: 0.01, highG: 0.02 },
    method: 'modelled',
    source: '400 g/kWh',
  },
});
const records = [
  aRecord({ id: 'a', atMs: at + 1000, attempts: [local] }),
  aRecord({ id: 'b', atMs: at + HOUR + 1000, attempts: [local, cloud] }),
];
const span = { fromMs: at, toMs: at + 2 * HOUR };
const standing = {
  idleJ: 72_000,
  grid: { gramsPerKwh: 400, source: 'test' },
  hardware: { embodiedKg: 262.8, lifetimeYears: 3 },
};

describe('the intensity', () => {
  test('is (E I + M) per request and per 1,000 tokens, at both ends of the ranges', () => {
    const { perRequestG, per1000TokensG, total, attempts } = sciReport(records, span);
    expect(total.low.carbon).toBeCloseTo(2 * 0.45 + 0.21, 12);
    expect(total.high.carbon).toBeCloseTo(2 * 0.85 + 0.42, 12);
    expect(perRequestG?.low).toBeCloseTo(1.11 / 2, 12);
    expect(per1000TokensG?.high).toBeCloseTo(2.12 / 1, 12);
    expect(attempts).toEqual({ measured: 0, attributed: 2, modelled: 1, unknown: 0 });
  });

  test('counts the local machine: its idle energy, and its embodied carbon over the whole span', () => {
    const { total } = sciReport(records, span, standing);
    // 0.02 kWh idle at 400 g; 262,800 g x 2 h / 26,280 h instead of the local answers' shares.
    expect(total.low['carbon-operational']).toBeCloseTo(2 * 0.4 + 0.2 + 8, 9);
    expect(total.low['carbon-embodied']).toBeCloseTo(20 + 0.01, 9);
    expect(total.low.energy).toBeCloseTo(0.0025 + 0.02, 12);
    expect(total.low.carbon).toBe(total.low['carbon-operational'] + total.low['carbon-embodied']);
  });

  test('counts what is missing, and does not take it for 0', () => {
    const { carbon: _, ...unknown } = anAttempt({ energy: null, usage });
    const partly = anAttempt({ ...local, carbon: { ...local.carbon!, embodied: null } });
    const { usage: __, ...refused } = anAttempt({ energy: null, outcome: 'failed' });
    const record = aRecord({ atMs: at, attempts: [unknown, partly, refused] });
    const { attempts, withoutEmbodied } = sciReport([record], span);
    expect(attempts.unknown).toBe(1);
    expect(withoutEmbodied).toBe(1);
    expect(sciReport([record], span, standing).withoutEmbodied).toBe(0);
  });

  test('without requests is null', () => {
    const { perRequestG, per1000TokensG } = sciReport([], span);
    expect(perRequestG).toBeNull();
    expect(per1000TokensG).toBeNull();
  });

  test('includes the energy of shadows, which are not requests', () => {
    const shadow = aRecord({ id: 's', atMs: at + 1, shadowOf: 'a', attempts: [cloud] });
    const { total } = sciReport([...records, shadow], span);
    expect(total.low.requests).toBe(2);
    expect(total.low.carbon).toBeCloseTo(1.11 + 0.21, 12);
  });
});

describe('the rows', () => {
  test('are windows that add up to the whole', () => {
    const windowed = { ...span, windowMs: 0.75 * HOUR, bound: 'low' } as const;
    const rows = sciRows(records, windowed, standing);
    expect(rows.map(({ timestamp, duration }) => [timestamp, duration])).toEqual([
      ['2026-11-01T00:00:00.000Z', 2700],
      ['2026-11-01T00:45:00.000Z', 2700],
      ['2026-11-01T01:30:00.000Z', 1800],
    ]);
    const whole = sciReport(records, span, standing).total.low;
    for (const key of ['energy', 'carbon', 'requests', 'tokens'] as const) {
      expect(rows.reduce((sum, row) => sum + row[key], 0)).toBeCloseTo(whole[key], 9);
    }
    expect(rows.map(({ requests }) => requests)).toEqual([1, 1, 0]);
  });

  test('exclude records outside of the span, and refuse windows of no length', () => {
    const outside = [aRecord({ atMs: at - 1 }), aRecord({ atMs: span.toMs })];
    const rows = sciRows(outside, { ...span, windowMs: HOUR, bound: 'high' });
    expect(rows.map(({ requests }) => requests)).toEqual([0, 0]);
    expect(() => sciRows([], { ...span, windowMs: 0, bound: 'low' })).toThrow(RangeError);
  });

  test('are a table for Impact Framework', () => {
    const csv = sciCsv(sciRows(records, { ...span, windowMs: 2 * HOUR, bound: 'low' }));
    const [head, line, end] = csv.split('\r\n');
    expect(head).toBe(
      'timestamp,duration,energy,carbon-operational,carbon-embodied,carbon,requests,tokens',
    );
    expect(line).toMatch(/^2026-11-01T00:00:00.000Z,7200,0.0025,1,0.11\d*,1.11\d*,2,1000$/);
    expect(end).toBe('');
  });
});
