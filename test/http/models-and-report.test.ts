/** The catalogue over HTTP, and `report` in a process of its own beside the gateway that writes. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/analysis/report.ts';
import { MAIN } from '../support/gateway-process.ts';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({
    store: 'sqlite',
    config: 'energy: { meter: modelled, tdpWatts: 40, idleWatts: 12, hardwareUsd: 900 }',
  });
});
afterAll(() => whole.close());

const command = async (...args: readonly string[]): Promise<string> => {
  const config = join(whole.folder, 'smallfirst.yaml');
  const all = [MAIN, ...args, '--config', config];
  return (await promisify(execFile)(process.execPath, all)).stdout;
};

test('the catalogue has each model with how it is used and whether it is here', async () => {
  const answer = await fetch(`${whole.gateway.url}/admin/models`);
  const { models } = (await answer.json()) as { models: readonly object[] };
  expect(models.length).toBeGreaterThan(50);
  expect(models).toContainEqual(
    expect.objectContaining({ name: 'dclm-1b', operations: [], isHere: null }),
  );
  expect(models).toContainEqual(
    expect.objectContaining({ name: 'qwen3-1.7b', isHere: expect.any(Boolean) }),
  );
});

test('report reads what the running gateway wrote, and what it wrote since', async () => {
  await whole.chat(EASY, { model: 'small' });
  await whole.chat(EASY, { model: 'large' });
  // Answering this list writes out what was kept back.
  await fetch(`${whole.gateway.url}/admin/requests`);
  const first = JSON.parse(await command('report', '--json')) as Report;
  expect(first.requests).toMatchObject({ total: 2, small: 1, large: 1, smallShare: 0.5 });
  expect(first.spending.upstreams['cloud']?.nanoUsd).toBeGreaterThan(0);
  expect(first.spending.methods.modelled?.attempts).toBe(2);
  expect(first.savings.money.requests).toBe(2);
  expect(first.machine).toMatchObject({ idleWatts: 12 });
  expect(first.machine.hardwareNanoUsd).toBeGreaterThan(0);
  await whole.chat(EASY, { model: 'small' });
  await fetch(`${whole.gateway.url}/admin/requests`);
  expect(await command('report')).toMatch(/^requests +3$/m);
  expect(await command('report', '--csv')).toMatch(/^requests,small,requests,2,2$/m);
});
