import { expect, test } from 'vitest';
import { aRecord, anAttempt } from '../../test/support/record.ts';
import { createMetrics } from './metrics.ts';

test('a shadow counts as an attempt with a cost of its own kind, not as a request', async () => {
  const own = createMetrics({
    buildInfo: { version: '0', commit: '0' },
    isKnownModel: () => true,
    watched: { policyEvents: () => ({ policy_stepped_back: 2 }) },
  });
  own.sink(
    aRecord({
      id: 'req_1_shadow',
      shadowOf: 'req_1',
      attempts: [anAttempt({ shadow: true })],
      baselineNanoUsd: null,
    }),
  );
  const lines = (await own.text()).split('\n').filter((line) => /^smallfirst_\w+[{ ]/.test(line));
  const of = (metric: string) => lines.filter((line) => line.startsWith(`smallfirst_${metric}`));
  expect(of('requests_total')).toEqual([]);
  expect(of('decisions_total')).toEqual([]);
  expect(of('cost_usd_total')).toEqual([
    'smallfirst_cost_usd_total{upstream="local",model="qwen3:4b",kind="shadow"} 0.0000015',
  ]);
  expect(of('upstream_attempts_total')).toHaveLength(1);
  expect(of('policy_events_total')).toEqual([
    'smallfirst_policy_events_total{event="policy_stepped_back"} 2',
  ]);
});
