/** Row F30: the real engine finds no memory for its window. The process has little more than it takes with a small one (`prlimit`). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { MAIN, startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { makeGguf } from '../support/make-gguf.ts';
import { startMockUpstream, type MockUpstream } from '../support/mock-upstream.ts';

/** Of memory that can be written, beside what a window of 512 tokens leaves taken. Each window below asks for more at once. */
const ROOM_BYTES = 1e9;

let gateway: GatewayProcess;
let cloud: MockUpstream;
let folder: string;

/** With a small window: its answer, and what the others may take. */
let small: Awaited<ReturnType<typeof ask>>;
let most: number;

beforeAll(async () => {
  await start(512);
  small = await ask('auto');
  most = writable() + ROOM_BYTES;
  await stop();
});

async function stop(): Promise<void> {
  expect(await gateway.stop()).toBe(0);
  await cloud.close();
  rmSync(folder, { recursive: true });
}

async function start(
  contextTokens: number,
  command?: readonly [string, ...string[]],
): Promise<void> {
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
  gateway = await startGateway(config, {}, command);
}

/** Bytes of memory that it can write, taken or not. */
function writable(): number {
  const status = readFileSync(`/proc/${gateway.pid}/status`, 'utf8');
  return Number(/VmData:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
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

test('with a window for which there is room it answers', () => {
  expect(small).toMatchObject({ status: 200, by: 'own' });
});

// What finds no memory is the buffers to compute in, what the window holds, and the library's own look at the machine.
test.each([2_000_000, 10_000_000, 100_000_000])(
  'with a window of %i tokens the next target answers, who insists is told why, and the gateway lives',
  async (contextTokens) => {
    await start(contextTokens, ['prlimit', `--data=${most}`, process.execPath, MAIN]);
    expect(await ask('auto')).toMatchObject({ status: 200, by: 'cloud' });
    const refused = await ask('own/own');
    expect(refused.status).toBe(503);
    expect(refused.text).toContain(
      `not enough memory for a window of ${contextTokens} tokens: set \`contextTokens\` of this upstream lower`,
    );
    const ready = await fetch(`${gateway.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.text()).toContain('its model is down: it could not be loaded');
    await stop();
  },
);
