/** The deep judge behind a whole gateway, with the encoder that ships. */
import { expect, onTestFinished, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

async function started(config: string): Promise<WholeGateway> {
  const whole = await startTestGateway({ config });
  onTestFinished(() => whole.close());
  return whole;
}

const PROMPT = 'Explain how a B-tree splits a node, with an example.';

test('its word is in the record, with its reasons and its time in the metrics', async () => {
  const { chat, record, gateway } = await started('judge: { deep: always, deadlineMs: 10000 }');
  const { readings, ...rest } = await record(await chat(PROMPT));
  expect(readings['complexity']).toMatchObject({
    kind: 'score',
    reason: expect.stringMatching(/deep judge was asked/),
  });
  expect(JSON.stringify([readings, rest])).not.toMatch(/B-tree/);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toMatch(/^smallfirst_judge_deep_total\{result="answered"\} 1$/m);
  expect(metrics).toMatch(/^smallfirst_judge_deep_duration_seconds_count 1$/m);
});

test('turned off, requests are judged by the fast judge alone', async () => {
  const { chat, record, gateway } = await started('judge: { deep: off }');
  const { readings, ...rest } = await record(await chat(PROMPT));
  expect(readings['complexity']).toMatchObject({ kind: 'score' });
  expect(JSON.stringify([readings, rest])).not.toMatch(/deep judge/);
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).not.toMatch(/judge_deep_total\{/);
});
