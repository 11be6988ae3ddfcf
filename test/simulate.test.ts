/** `simulate` and `explain --id` as they are run, on the records of a gateway that is still running. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSignals } from '../src/signals/index.ts';
import { MAIN } from './support/gateway-process.ts';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from './support/gateway-fixture.ts';

const PII = { name: 'pii-stays', when: 'signals.pii >= 0.5' };
const decidedBy = simplePolicy(`
constraints: [{ name: ${PII.name}, when: ${PII.when}, require: { locality: local } }]
rules: [{ name: tools, when: request.tools > 0, use: [large, small] }]
`);
const TOOL = { type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } };

let whole: WholeGateway;
let hardId = '';
beforeAll(async () => {
  whole = await startTestGateway({ store: 'sqlite', policy: decidedBy });
  const body = { messages: [{ role: 'user', content: EASY }], tools: [TOOL] };
  hardId = (await whole.chat(HARD)).headers.get('x-request-id') ?? '';
  await Promise.all([
    whole.chat(EASY),
    whole.chat(EASY, { stream: true }).then((answer) => answer.text()),
    whole.chat(`${EASY} My card is 4111 1111 1111 1111.`),
    whole.chat(HARD, { model: 'gpt-4o-mini' }),
    whole.chat(HARD, { model: 'small' }),
    whole.chat(EASY, { model: 'cloud/gpt-4o' }),
    whole.chat(EASY, { model: 'no-such-model' }),
    whole.post('/v1/chat/completions', { model: 'auto', ...body }),
    whole.post('/v1/embeddings', { model: 'text-embedding-3-small', input: 'text' }),
  ]);
  const cheaper = 'name: cheaper\nobjective: { complexityBelow: 0.99 }\n';
  await writeFile(join(whole.folder, 'cheaper.yaml'), cheaper);
});
afterAll(() => whole.close());

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const smallfirst = (...args: readonly string[]): Promise<Run> =>
  new Promise((resolve) => {
    const config = ['--config', join(whole.folder, 'smallfirst.yaml')];
    execFile(process.execPath, [MAIN, ...args, ...config], (error, out, err) => {
      resolve({ code: Number(error?.code ?? 0), out, err });
    });
  });

const policyAt = (file: string): readonly string[] => ['--policy', join(whole.folder, file)];

test('the policy that decided decides every request of a real run the same again', async () => {
  const { code, out, err } = await smallfirst('simulate', ...policyAt('policy.yaml'), '--json');
  expect([code, err]).toEqual([0, '']);
  expect(JSON.parse(out)).toMatchObject({
    policy: { name: 'test' },
    records: { replayed: 9, unusable: { undecided: 1, withoutSituation: 0 } },
    flipped: { count: 0 },
    otherRule: 0,
  });
});

test('another policy is told with what flips, the bill and a verdict on each bound', async () => {
  const page = await fetch(`${whole.gateway.url}/admin/requests?limit=1000`);
  const file = join(whole.folder, 'page.json');
  await writeFile(file, await page.text());
  const bounds = ['--max-flips', '1%', '--max-large-share', '0.9', '--max-cost-change', '+5%'];
  const tried = ['simulate', ...policyAt('cheaper.yaml'), ...bounds];
  const [fromLedger, fromPage] = await Promise.all([
    smallfirst(...tried),
    smallfirst(...tried, '--records', file),
  ]);
  expect(fromPage).toEqual(fromLedger);
  const { code, out, err } = fromLedger;
  expect(code).toBe(1);
  expect(err).toMatch(/^--max-flips 1% is crossed: it is \d+(\.\d+)?%\n$/);
  expect(out).toContain('cheaper@');
  expect(out).toMatch(/objective: large cloud\/gpt-4o {2}-> {2}objective: small local\/slm/);
  expect(out).toMatch(/for example .*req_/);
  expect(out).toMatch(/cost +0\.\d+ USD +0\.\d+ USD {2}\(-\d+\.\d %\)/);
  expect(out).toMatch(/expected quality +\d\.\d{3} \(\d\.\d{3} to \d\.\d{3}\)/);
});

test('what cannot be replayed ends with a reason', async () => {
  const file = join(whole.folder, 'none.jsonl');
  await writeFile(file, 'not a record\n');
  const none = await smallfirst('simulate', ...policyAt('cheaper.yaml'), '--records', file);
  expect(none.code).toBe(1);
  expect(none.err).toContain('none.jsonl:1  not a record, passed over');
  expect(none.err).toContain('There are no records to replay');
});

test('explain --id says why a recorded request went where it did', async () => {
  const { code, out } = await smallfirst('explain', '--id', hardId);
  expect(code).toBe(0);
  expect(out).toContain(`${hardId}, 20`);
  expect(out).toContain('large → cloud/gpt-4o   (rule: objective)');
  expect(out).toMatch(/otherwise +with complexity below 0\.40/);
  expect(out).toContain('asked       cloud/gpt-4o: ok');
  expect(meaningsIn(out)).toEqual(meanings);
});

test('explain says of every signal what a high score means', async () => {
  const { code, out } = await smallfirst('explain', HARD);
  expect(code).toBe(0);
  expect(meaningsIn(out)).toEqual(meanings);
});

const meanings = createSignals({ domains: [] }).map(({ about }) => about);

const meaningsIn = (out: string): readonly (string | undefined)[] =>
  [...out.matchAll(/^ +high: +(.*)$/gm)].map(([, about]) => about);
