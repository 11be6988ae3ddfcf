/** The deep judge behind a whole gateway, with the encoder that ships. */
import { expect, onTestFinished, test } from 'vitest';
import type { UsageRecord } from '../../src/core/record.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

async function started(config: string): Promise<WholeGateway> {
  const whole = await startTestGateway({ config });
  onTestFinished(() => whole.close());
  return whole;
}

const PROMPT = 'Explain how a B-tree splits a node, with an example.';

test('its word is in the record, with its reasons and its time in the metrics', async () => {
  const { chat, record, gateway } = await started('judge: { deep: always, deadlineMs: 10000 }');
  // Its thread may not be ready within the deadline where the machine is busy; then it is asked again.
  let kept = await record(await chat(PROMPT));
  const ask = async (): Promise<boolean> => {
    if (!wasAsked(kept)) kept = await record(await chat(PROMPT));
    return wasAsked(kept);
  };
  await expect.poll(ask, { timeout: 60_000 }).toBe(true);
  expect(kept.readings['complexity']).toMatchObject({ kind: 'score' });
  expect(JSON.stringify(kept)).not.toMatch(/B-tree/);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toMatch(/^smallfirst_judge_deep_total\{result="answered"\} [1-9]/m);
  expect(metrics).toMatch(/^smallfirst_judge_deep_duration_seconds_count [1-9]/m);
});

const wasAsked = ({ readings }: UsageRecord): boolean =>
  /deep judge was asked/.test(readings['complexity']?.reason ?? '');

test('turned off, requests are judged by the fast judge alone', async () => {
  const { chat, record, gateway } = await started('judge: { deep: off }');
  const { readings, ...rest } = await record(await chat(PROMPT));
  expect(readings['complexity']).toMatchObject({ kind: 'score' });
  expect(JSON.stringify([readings, rest])).not.toMatch(/deep judge/);
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).not.toMatch(/judge_deep_total\{/);
});
