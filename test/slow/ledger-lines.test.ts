/** Whatever a request became, answer, draft, repair, audit or shadow, the lines of the ledger add up to what the upstreams counted. */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { judgeFile, ledgerPages, openForReading } from '../../src/offline.ts';
import type { Attempt, UsageRecord } from '../../src/core/record.ts';
import { sealedJudge } from '../../src/quality/judge-card.ts';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';
import type { Behaviour, MockRequest } from '../support/mock-upstream.ts';

/** Nano-USD a token. */
const [INPUT, OUTPUT] = [1_000, 10_000];
const REQUESTS = 30;

interface Counted {
  calls: number;
  input: number;
  output: number;
}

/** Says these texts in turn, and counts tokens as it likes. */
function counting(texts: readonly string[], figures: readonly number[]) {
  const counted: Counted = { calls: 0, input: 0, output: 0 };
  const behaviour = ({ body, method }: MockRequest): Behaviour => {
    // what a probe asks is no call
    if (method !== 'POST') return { kind: 'answer' };
    const prompt = 10 + (figures[counted.calls % figures.length] ?? 0);
    const completion = 1 + ((figures[(counted.calls + 3) % figures.length] ?? 0) % 7);
    const isJudging = JSON.stringify(body['messages'] ?? '').includes('Two assistants');
    const text = isJudging ? 'A' : (texts[counted.calls % texts.length] ?? '');
    counted.calls += 1;
    counted.input += prompt;
    counted.output += completion;
    return { kind: 'answer', text, usage: { prompt, completion } };
  };
  return { counted, behaviour };
}

const TEXTS = [
  'You are welcome! Ask again whenever you like.',
  "I'm sorry, but I can't help with that request.",
  '{"city": "Lyon"}',
  'The city that you asked about is Paris, as far as I know about it.',
];
const JSON_WANTED = {
  response_format: {
    type: 'json_schema',
    json_schema: {
      name: 'place',
      schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
};

const scenario = fc.record({
  text: fc.constantFrom(EASY, HARD),
  stream: fc.boolean(),
  isJson: fc.boolean(),
  path: fc.constantFrom('chat', 'chat', 'responses', 'messages'),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer One> ? One : never;

const bodyOf = ({ text, stream, isJson, path }: Scenario): readonly [string, object] => {
  const messages = [{ role: 'user', content: text }];
  if (path === 'responses') return ['/v1/responses', { model: 'auto', stream, input: text }];
  if (path === 'messages')
    return ['/v1/messages', { model: 'auto', stream, max_tokens: 200, messages }];
  return [
    '/v1/chat/completions',
    { model: 'auto', stream, messages, ...(isJson ? JSON_WANTED : {}) },
  ];
};

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function cacheWithJudge(): Promise<string> {
  const cache = await mkdtemp(join(tmpdir(), 'smallfirst-judge-'));
  folders.push(cache);
  const share = { right: 190, of: 200 };
  const card = sealedJudge({
    format: 1,
    model: 'gpt-4o',
    measuredAt: '2026-01-01T00:00:00.000Z',
    pairs: 'test',
    sensitivity: share,
    specificity: share,
  });
  await mkdir(join(cache, 'models'));
  for (const folder of [cache, join(cache, 'models')])
    await writeFile(join(folder, judgeFile('gpt-4o')), JSON.stringify(card));
  return cache;
}

/** All that are written. */
async function recordsOf(whole: WholeGateway): Promise<readonly UsageRecord[]> {
  const ledger = openForReading({ kind: 'sqlite', path: join(whole.folder, 'state.db') });
  const records: UsageRecord[] = [];
  for await (const page of ledgerPages(ledger, 0)) records.push(...page);
  await ledger.close();
  return records;
}

const kindOf = ({ kind, shadow }: Attempt): string =>
  shadow === true ? 'shadow' : (kind ?? 'answer');

test.each([
  ['on', ['answer', 'audit', 'draft', 'repair']],
  ['{ shadow: 1 }', ['answer', 'shadow']],
])('in mode %s', async (mode, kinds) => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(scenario, { minLength: REQUESTS, maxLength: REQUESTS }),
      fc.array(fc.nat(50), { minLength: 5, maxLength: 11 }),
      async (scenarios, figures) => {
        const small = counting(TEXTS, figures);
        const large = counting(['With pleasure, and until next time.'], figures);
        const price = `{ inputUsdPerMillion: ${INPUT / 1000}, outputUsdPerMillion: ${OUTPUT / 1000} }`;
        const whole = await startTestGateway({
          store: 'sqlite',
          local: { behaviour: small.behaviour },
          cloud: { behaviour: large.behaviour },
          upstream: `, price: ${price}`,
          env: { SMALLFIRST_CACHE: await cacheWithJudge() },
          policy: simplePolicy(`mode: ${mode}
verify: { onFail: escalate, maxShare: 1, waitUsdPerHour: 0 }
audits: { share: 1, usdPerDay: 100 }`),
        });
        try {
          for (const one of scenarios) await (await whole.post(...bodyOf(one))).text();
          // audits and shadows go on after the answers
          await expect
            .poll(() => difference(whole, small.counted, large.counted, seen))
            .toEqual(NONE);
        } finally {
          await whole.close();
        }
      },
    ),
    { numRuns: 20, endOnFailure: true },
  );
  expect([...seen].toSorted()).toEqual(kinds);
});

const NONE = { local: [0, 0, 0], cloud: [0, 0, 0], nanoUsd: 0 };

/** Of the ledger's lines, less what the upstreams counted: calls, input, output; and the money. Notes the kinds of the lines. */
async function difference(
  whole: WholeGateway,
  local: Counted,
  cloud: Counted,
  seen: Set<string>,
): Promise<typeof NONE> {
  const attempts = (await recordsOf(whole)).flatMap((record) => record.attempts);
  for (const attempt of attempts) seen.add(kindOf(attempt));
  const spent = attempts.reduce((sum, { cost }) => sum + (cost?.totalNanoUsd ?? 0), 0);
  const owed = [local, cloud].map(({ input, output }) => input * INPUT + output * OUTPUT);
  return {
    local: less(attempts, 'local', local),
    cloud: less(attempts, 'cloud', cloud),
    nanoUsd: spent - owed.reduce((sum, each) => sum + each, 0),
  };
}

function less(
  attempts: readonly Attempt[],
  upstream: string,
  { calls, input, output }: Counted,
): number[] {
  const used = attempts.flatMap((one) => (one.upstream === upstream ? (one.usage ?? []) : []));
  return [
    used.length - calls,
    used.reduce((sum, { inputTokens }) => sum + inputTokens, 0) - input,
    used.reduce((sum, { outputTokens }) => sum + outputTokens, 0) - output,
  ];
}
