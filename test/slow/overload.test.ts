/** Row E11: far more callers than there is room for, each asking again at once, beside a key with a few. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { askAsCrowd, type CrowdFigures } from '../support/crowd.ts';
import { startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { startMockUpstream, type MockUpstream } from '../support/mock-upstream.ts';

const KEYS = { EVE: 'key-of-eve-000000', BOB: 'key-of-bob-000000' };
const SECONDS = 8;

let upstream: MockUpstream;
let folder: string;
let gateway: GatewayProcess;
beforeAll(async () => {
  upstream = await startMockUpstream({ models: ['m'], record: false });
  folder = await mkdtemp(join(tmpdir(), 'smallfirst-'));
});
afterEach(async () => {
  await gateway.stop();
});
afterAll(async () => {
  await upstream.close();
  await rm(folder, { recursive: true });
});

async function start(limits: string): Promise<void> {
  const config = join(folder, 'smallfirst.yaml');
  await writeFile(
    config,
    `store: { kind: memory }
log: { level: silent }
judge: { deep: off }
limits: ${limits}
auth: { mode: keys, keys: [{ name: eve, key: '\${EVE}' }, { name: bob, key: '\${BOB}' }] }
upstreams:
  - { name: local, kind: openai, locality: local, url: '${upstream.url}', model: m }
`,
  );
  gateway = await startGateway(config, { ...KEYS, NODE_OPTIONS: '--max-semi-space-size=16' });
}

const crowd = (key: keyof typeof KEYS, connections: number): Promise<CrowdFigures> =>
  askAsCrowd({ url: gateway.url, key: KEYS[key], connections, seconds: SECONDS });

async function answersNow(): Promise<number> {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${KEYS.BOB}` },
    body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Hello?' }] }),
  });
  await answer.text();
  return answer.status;
}

/** Milliseconds until it answers. */
async function recovery(): Promise<number> {
  const from = performance.now();
  await expect.poll(answersNow).toBe(200);
  return Math.round(performance.now() - from);
}

const say = (what: string, figures: object): void =>
  void process.stdout.write(`E11 ${what}: ${JSON.stringify(figures)}\n`);

test('2,000 callers wait in line, and a key with ten connections has its turns', async () => {
  await start('{}');
  const peak = await crowd('EVE', 64);
  const [eve, bob] = await Promise.all([crowd('EVE', 2000), crowd('BOB', 10)]);
  const share = (eve.good.count + bob.good.count) / peak.good.count;
  say('2,000 and 10 connections', { peak, eve, bob, share, recoveryMs: await recovery() });
  expect([eve.others, bob.others]).toEqual([{}, {}]);
  expect(bob.good.count / 10).toBeGreaterThan(eve.good.count / 2000);
});

test('what would wait too long is told so, and when to ask again', async () => {
  await start('{ maxInFlight: 16, maxWaitMs: 20 }');
  const eve = await crowd('EVE', 2000);
  say('2,000 connections, 16 places, 20 ms', { eve, recoveryMs: await recovery() });
  expect(eve.others).toEqual({});
  expect(eve.refused.count).toBeGreaterThan(0);
  expect(eve.good.count).toBeGreaterThan(0);
});
