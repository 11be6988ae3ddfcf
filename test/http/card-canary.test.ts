/** A canary whose small model has a worse card is stepped back from by its guards: its answers are replaced too often. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { madeCard } from '../support/competence.ts';
import { simplePolicy, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import type { Behaviour, MockRequest } from '../support/mock-upstream.ts';

/** Neither sure nor a guess: wrong in 18 of 100 cases by the one card, in 30 by the other. */
const LOGPROB = -1.18;

function unsure({ body }: MockRequest): Behaviour {
  const token = { token: 'Lima', logprob: LOGPROB, bytes: [76], top_logprobs: [] };
  const logprobs = body['logprobs'] === true ? { content: [token], refusal: null } : null;
  const message = { role: 'assistant', content: 'Lima', refusal: null };
  const choices = [{ index: 0, message, logprobs, finish_reason: 'stop' }];
  const usage = { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 };
  const head = { id: 'chatcmpl-small', created: 5, model: body['model'] ?? '' };
  return {
    kind: 'raw',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...head, object: 'chat.completion', choices, usage }),
  };
}

const policyOf = (name: string, model: string): string => `
name: ${name}
mode: { canary: 1 }
objective: { complexityBelow: 1 }
targets: { small: { upstream: local, model: ${model} }, large: { upstream: cloud } }
rules: [{ name: small, when: "true", use: [small] }]
verify: { onFail: escalate, checks: [confidence], wrongAbove: 0.25, maxShare: 1, hold: { ms: 10000 } }
guards: { largeShare: 0.5, minRequests: 5 }
`;

let cache = '';
let whole: WholeGateway;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'smallfirst-'));
  const cards = [madeCard({ model: 'slm' }), madeCard({ model: 'tuned' }, () => true, 2)];
  for (const card of cards)
    await writeFile(join(cache, `${card.model}.card.json`), JSON.stringify(card));
  whole = await startTestGateway({
    local: { behaviour: unsure, models: ['slm', 'tuned'] },
    cloud: { say: () => 'the large model says it' },
    policy: simplePolicy(),
    env: { SMALLFIRST_CACHE: cache },
    upstream: ', server: vllm',
  });
});
afterAll(async () => {
  await whole.close();
  await rm(cache, { recursive: true });
});

const status = async (): Promise<{ name: string; version: string }> =>
  (await (await fetch(`${whole.gateway.url}/admin/policy`)).json()) as {
    name: string;
    version: string;
  };

async function activate(name: string, model: string): Promise<void> {
  await writeFile(join(whole.folder, 'policy.yaml'), policyOf(name, model));
  await whole.gateway.reload();
  expect((await status()).name).toBe(name);
}

async function asked(count: number): Promise<readonly (string | null)[]> {
  const tiers: (string | null)[] = [];
  for (let at = 0; at < count; at += 1) {
    const answer = await whole.chat(`What is the capital of country ${at}?`);
    await answer.text();
    tiers.push(answer.headers.get('x-smallfirst-tier'));
  }
  return tiers;
}

test('the better card stays, the worse one goes', async () => {
  await activate('before', 'slm');
  expect(new Set(await asked(6))).toEqual(new Set(['small']));
  const before = await status();
  await activate('tuned', 'tuned');
  expect(new Set(await asked(6))).toEqual(new Set(['large']));
  await expect.poll(status).toMatchObject({ name: 'before', version: before.version });
  expect(whole.said.join('\n')).toMatch(/Guard largeShare of tuned@\w+/);
  expect(new Set(await asked(2))).toEqual(new Set(['small']));
});
