import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startMockUpstream, type MockOptions } from '../../../test/support/mock-upstream.ts';
import { describeUpstreams } from '../../offline.ts';
import { loadConfig } from '../../config/load.ts';
import { fileHealth } from '../../stores/state-health.ts';
import { upstreamKinds } from '../../upstreams/index.ts';
import { upstreamChecks } from '../../competence/upstream-checks.ts';
import { fail, ok } from '../../core/check.ts';
import { chatCall } from '../../http/chat-call.ts';
import { checkLines } from './check.ts';
import { machineChecks } from './machine-checks.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smallfirst-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function configOf(text: string) {
  const file = join(folder, 'smallfirst.yaml');
  writeFileSync(file, text);
  return loadConfig({ file, env: { KEY: 'sk-of-the-test' }, kinds: upstreamKinds });
}

async function checksOf(mock: MockOptions, more = '', locality = 'local'): Promise<string> {
  const server = await startMockUpstream({ models: ['slm'], ...mock });
  try {
    const config = configOf(
      `upstreams: [{ name: local, kind: openai, locality: ${locality}, url: ${server.url}, model: slm${more} }]`,
    );
    const [upstream] = await describeUpstreams(config, { env: {}, kinds: upstreamKinds });
    return checkLines(await upstreamChecks({ upstream: upstream!, toCall: chatCall }));
  } finally {
    await server.close();
  }
}

test('a server that does everything: no line fails, and each thing has one', async () => {
  const lines = await checksOf({}, ', contextTokens: 8192, capabilities: [chat, tools, logprobs]');
  expect(lines).not.toMatch(/^fail/m);
  for (const words of [
    /^ok .*reachable/m,
    /^ok .*model slm is there/m,
    /^ok .*window of 8192 tokens/m,
    /^ok .*streams, first token after .* tokens\/s, usage in the stream/m,
    /^ok .*calls tools/m,
    /^ok .*honours JSON schemas/m,
    /^ok .*stops when a caller hangs up/m,
  ])
    expect(lines).toMatch(words);
});

test.each([
  [{ apiKey: 'another' }, '', /^fail .*credentials are refused: check apiKey/m],
  [{ models: ['other'] }, '', /^fail .*does not list slm/m],
  [{ models: [] }, '', /^warn .*lists no models, so that slm is there is not known/m],
  [
    {
      behaviour: ({ method }: { readonly method: string }) =>
        method === 'GET' ? { kind: 'answer' as const } : { kind: 'error' as const, status: 501 },
    },
    '',
    /^fail .*a stream: it refused \(server_error\)$(?!\n)/m,
  ],
  [
    {},
    ', contextTokens: 2048',
    /^warn .*window of 2048 tokens: long requests go elsewhere; raise it/m,
  ],
  [{}, ', capabilities: [chat]', /^warn .*has no tools/m],
  [
    { behaviour: () => ({ kind: 'answer' as const, usage: 'none' as const }) },
    '',
    /^warn .*no usage in the stream/m,
  ],
  [
    { behaviour: () => ({ kind: 'answer' as const, text: 'Rome, of course' }) },
    '',
    /^warn .*does not honour JSON schemas/m,
  ],
])('what is not well is said: %j', async (mock, more, words) => {
  expect(await checksOf(mock, more)).toMatch(words);
});

test('a server that is not there fails', async () => {
  const config = configOf(
    'upstreams: [{ name: local, kind: openai, locality: local, url: http://127.0.0.1:9/v1, model: slm }]',
  );
  const [upstream] = await describeUpstreams(config, { env: {}, kinds: upstreamKinds });
  expect(checkLines(await upstreamChecks({ upstream: upstream!, toCall: chatCall }))).toMatch(
    /^fail .*start the server/,
  );
});

test('a cloud is asked for its models only, which costs nothing', async () => {
  const server = await startMockUpstream({ models: ['slm'] });
  const config = configOf(
    `upstreams: [{ name: cloud, kind: openai, locality: cloud, url: ${server.url}, apiKey: '\${KEY}', model: slm }]`,
  );
  const [upstream] = await describeUpstreams(config, { env: {}, kinds: upstreamKinds });
  expect(checkLines(await upstreamChecks({ upstream: upstream!, toCall: chatCall }))).toContain(
    'because they cost money',
  );
  expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  await server.close();
});

test('risky settings are said, with what to do', async () => {
  const config = configOf(`
server: { cors: ['*'] }
auth: { mode: keys, adminKey: '\${KEY}' }
upstreams:
  - { name: local, kind: openai, locality: local, url: http://127.0.0.1:9/v1, model: slm }
  - { name: cloud, kind: openai, locality: cloud, url: http://llm.example.org/v1, apiKey: '\${KEY}', model: big }
`);
  const lines = checkLines(await machineChecks(config));
  expect(lines).toMatch(/^warn .*any web page may ask/m);
  expect(lines).toMatch(/^warn .*cloud is asked over http/m);
  expect(lines).toMatch(/^warn .*nothing limits what the cloud may cost/m);
});

test('state that is damaged or cannot be written fails', () => {
  const file = join(folder, 'state.db');
  expect(fileHealth(file)).toMatchObject({ verdict: 'ok' });
  writeFileSync(file, 'this is no database, and long enough to be read as a page'.repeat(100));
  expect(fileHealth(file)).toMatchObject({ verdict: 'fail' });
  chmodSync(file, 0o600);
});

test('verdicts stand first, and what they are about below each other', () => {
  expect(checkLines([ok('state', 'well'), fail('upstream local', 'gone')])).toBe(
    'ok    state           well\nfail  upstream local  gone',
  );
});
