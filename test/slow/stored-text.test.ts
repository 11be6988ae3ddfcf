/** Row S22: what callers write and models answer is kept nowhere: planted in every input, looked for in all that a gateway leaves and shows. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCollector } from '../support/collector.ts';
import { simplePolicy } from '../support/gateway-fixture.ts';
import { MAIN, startGateway } from '../support/gateway-process.ts';
import { startMockUpstream } from '../support/mock-upstream.ts';

const ADMIN = 'admin-key-0123456789';
/** In every place another one, so that a hit tells where it came from. */
const PLANT = 'plantedwords';
let planted = 0;
const plant = (): string => `${PLANT}${(planted += 1)}z`;

const tools = () => [
  {
    type: 'function',
    function: {
      name: 'f',
      description: plant(),
      parameters: {
        type: 'object',
        properties: { [plant()]: { type: 'string', description: plant() } },
      },
    },
  },
];
const call = () => ({
  id: 'c1',
  type: 'function',
  function: { name: 'f', arguments: JSON.stringify({ a: plant() }) },
});

/** Bodies by route; each is asked of both models, and those of chats as streams too. */
const BODIES: readonly (readonly [path: string, body: () => object])[] = [
  [
    '/v1/chat/completions',
    () => ({
      messages: [
        { role: 'system', content: plant() },
        { role: 'user', content: [{ type: 'text', text: plant() }], name: 'ann' },
        { role: 'assistant', content: plant(), tool_calls: [call()] },
        { role: 'tool', tool_call_id: 'c1', content: plant() },
        { role: 'user', content: `${plant()} and answer in JSON` },
      ],
      tools: tools(),
      stop: [plant()],
      metadata: { note: plant() },
      response_format: {
        type: 'json_schema',
        json_schema: { name: 's', schema: { type: 'object', description: plant() } },
      },
    }),
  ],
  ['/v1/completions', () => ({ prompt: plant(), suffix: plant() })],
  [
    '/v1/responses',
    () => ({
      input: [{ role: 'user', content: [{ type: 'input_text', text: plant() }] }],
      instructions: plant(),
      metadata: { note: plant() },
    }),
  ],
  [
    '/v1/messages',
    () => ({ max_tokens: 5, system: plant(), messages: [{ role: 'user', content: plant() }] }),
  ],
  ['/v1/embeddings', () => ({ input: [plant(), plant()] })],
  ['/v1/moderations', () => ({ input: plant() })],
  ['/v1/images/generations', () => ({ prompt: plant() })],
];

/** Of the page and of administration. */
const SHOWN = [
  '/metrics',
  '/readyz',
  '/openapi.json',
  '/admin/requests?limit=500',
  '/admin/requests?view=rows&limit=500',
  '/admin/requests.csv',
  '/admin/summary',
  '/admin/series',
  '/admin/upstreams',
  '/admin/report',
  '/admin/policies',
  '/admin/policies/audit',
  '/admin/keys',
  '/admin/budgets',
  '/admin/ledger',
  '/admin/collected',
  '/admin/about',
  '/admin/models',
  '/admin/meters',
  '/v1/models',
];

test('no word of a request or an answer is in files, log, metrics, traces, or what administration shows', async () => {
  const collector = await startCollector();
  const upstream = await startMockUpstream({ name: 'm', models: ['slm'] });
  const broken = await startMockUpstream({
    name: 'b',
    models: ['slm'],
    behaviour: () => ({ kind: 'error', status: 500, message: `cannot do ${plant()}` }),
  });
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-text-'));
  writeFileSync(join(folder, 'policy.yaml'), simplePolicy());
  const config = join(folder, 'smallfirst.yaml');
  writeFileSync(
    config,
    `policy: ./policy.yaml
judge: { deep: off }
log: { level: trace }
store: { kind: sqlite, path: state.db, features: true }
auth: { mode: keys, adminKey: '\${ADMIN}' }
upstreams:
  - { name: local, kind: openai, locality: local, url: '${upstream.url}', model: slm }
  - { name: cloud, kind: openai, locality: cloud, url: '${upstream.url}', model: slm, price: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } }
  - { name: broken, kind: openai, locality: cloud, url: '${broken.url}', model: slm }
`,
  );
  const log = join(folder, 'log');
  const gateway = await startGateway(
    config,
    { ADMIN, LOG: log, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    ['sh', '-c', 'exec "$0" "$@" >> "$LOG" 2>&1', process.execPath, MAIN],
  );
  const post = async (path: string, key: string, body: object, headers = {}): Promise<string> => {
    const answer = await fetch(gateway.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
      body: JSON.stringify(body),
    });
    return await answer.text();
  };
  const made = JSON.parse(await post('/admin/keys', ADMIN, { name: 'bot' })) as { secret: string };
  let seen = '';
  for (const [path, body] of BODIES)
    for (const model of ['auto', 'small', 'large', 'broken/slm'])
      for (const stream of [false, true])
        seen += await post(path, made.secret, { model, stream, ...body() });
  seen += await post('/v1/chat/completions', made.secret, { model: 'small', messages: plant() });
  seen += await post('/v1/route', made.secret, {
    model: 'auto',
    messages: [{ role: 'user', content: plant() }],
  });
  // The words did arrive, or nothing was tried.
  expect(upstream.requests.map(({ text }) => text).join('')).toContain(PLANT);
  expect(seen).toContain(PLANT);
  for (const path of SHOWN) {
    const answer = await fetch(gateway.url + path, {
      headers: { authorization: `Bearer ${ADMIN}` },
    });
    const text = await answer.text();
    expect([path, text.match(/plantedwords\d+z/)?.[0]]).toEqual([path, undefined]);
  }
  const page = await fetch(`${gateway.url}/admin/requests?limit=500`, {
    headers: { authorization: `Bearer ${ADMIN}` },
  });
  const { records } = (await page.json()) as { records: readonly { id: string }[] };
  expect(records.length).toBeGreaterThan(20);
  for (const { id } of records)
    for (const more of ['', '/why']) {
      const answer = await fetch(`${gateway.url}/admin/requests/${id}${more}`, {
        headers: { authorization: `Bearer ${ADMIN}` },
      });
      expect([id, (await answer.text()).match(/plantedwords\d+z/)?.[0]]).toEqual([id, undefined]);
    }
  expect(await gateway.stop()).toBe(0);
  expect(collector.spans().length).toBeGreaterThan(20);
  expect(JSON.stringify(collector.spans())).not.toContain(PLANT);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  expect(files).toEqual(expect.arrayContaining(['log', 'state.db']));
  for (const name of files) {
    const bytes = readFileSync(join(folder, name));
    const at = bytes.indexOf(PLANT);
    expect([name, at < 0 ? '' : bytes.toString('latin1', at - 80, at + 40)]).toEqual([name, '']);
  }
  await Promise.all([upstream.close(), broken.close(), collector.close()]);
  rmSync(folder, { recursive: true });
});
