/** Row F30: the real engine finds no memory for its window. The process has little more than it took at its start (`prlimit`). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { makeGguf } from '../support/make-gguf.ts';
import { startMockUpstream, type MockUpstream } from '../support/mock-upstream.ts';

/** Of memory that can be written; for the engine's thread, its library and a small window. Each window below asks for more at once. */
const ROOM_BYTES = 1.5e9;

let gateway: GatewayProcess;
let cloud: MockUpstream;
let folder: string;

afterEach(async () => {
  expect(await gateway.stop()).toBe(0);
  await cloud.close();
  rmSync(folder, { recursive: true });
});

async function start(contextTokens: number): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'smallfirst-memory-'));
  cloud = await startMockUpstream({ name: 'cloud', models: ['m'] });
  writeFileSync(
    join(folder, 'own.gguf'),
    makeGguf({ kind: 'scripted', text: 'Hello! I am a tiny model.', contextTokens }),
  );
  writeFileSync(
    join(folder, 'policy.yaml'),
    'name: test\nobjective: { complexityBelow: 0.9 }\ntargets: { small: { upstream: own }, large: { upstream: cloud } }\n',
  );
  const config = join(folder, 'smallfirst.yaml');
  writeFileSync(
    config,
    `store: { kind: memory }
judge: { deep: off }
log: { level: silent }
policy: ./policy.yaml
upstreams:
  - { name: own, kind: llama-cpp, model: ./own.gguf, contextTokens: ${contextTokens} }
  - { name: cloud, kind: openai, locality: cloud, url: '${cloud.url}', model: m }
`,
  );
  gateway = await startGateway(config);
  const status = readFileSync(`/proc/${gateway.pid}/status`, 'utf8');
  const bytes = Number(/VmData:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  execFileSync('prlimit', ['--pid', String(gateway.pid), `--data=${bytes + ROOM_BYTES}`]);
}

async function ask(model: string): Promise<{ status: number; by: string | null; text: string }> {
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  });
  const by = answer.headers.get('x-smallfirst-upstream');
  return { status: answer.status, by, text: await answer.text() };
}

test('with a window for which there is room it answers', async () => {
  await start(512);
  expect(await ask('auto')).toMatchObject({ status: 200, by: 'own' });
});

test.each([100_000_000, 1_000_000_000])(
  'with a window of %i tokens the next target answers, who insists is told why, and the gateway lives',
  async (contextTokens) => {
    await start(contextTokens);
    for (let times = 0; times < 2; times += 1) {
      expect(await ask('auto')).toMatchObject({ status: 200, by: 'cloud' });
      const refused = await ask('own/own');
      expect(refused.status).toBe(503);
      expect(refused.text).toContain(
        `not enough memory for a window of ${contextTokens} tokens: set \`contextTokens\` of this upstream lower`,
      );
    }
    const ready = await fetch(`${gateway.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.text()).toContain('its model is down: it could not be loaded');
  },
);
