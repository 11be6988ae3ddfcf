/**
 * What holding a stream's first tokens costs its reader, on a real small model: the time to the first words with `verify` and
 * without, in turn. `SMALLFIRST_EVAL_MODEL` names its GGUF.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startGateway } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { goldenSet } from '../../src/competence/golden-set.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import { startMockUpstream } from '../support/mock-upstream.ts';

const { SMALLFIRST_EVAL_MODEL: modelFile } = process.env;
const ROUNDS = 40;
const HELD = 12;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const policyOf = (verify: string): string => `
name: timed
objective: { complexityBelow: 1 }
targets: { small: { upstream: local }, large: { upstream: cloud } }
rules: [{ name: small, when: "true", use: [small] }]
${verify}
`;

async function started(verify: string) {
  // only what could be replaced is held
  const cloud = await startMockUpstream({ name: 'cloud', models: ['gpt-4o'] });
  const folder = await mkdtemp(join(tmpdir(), 'first-token-'));
  await writeFile(join(folder, 'policy.yaml'), policyOf(verify));
  await writeFile(
    join(folder, 'smallfirst.yaml'),
    `server: { port: 0 }
store: { kind: memory }
log: { level: silent }
judge: { deep: off }
policy: ./policy.yaml
upstreams:
  - { name: local, kind: llama-cpp, model: ${modelFile}, threads: 1 }
  - { name: cloud, kind: openai, locality: cloud, url: ${cloud.url}, model: gpt-4o }
`,
  );
  const config = loadConfig({
    file: join(folder, 'smallfirst.yaml'),
    env: {},
    kinds: upstreamKinds,
  });
  const gateway = await startGateway(config, { env: {} });
  return {
    url: gateway.url,
    close: async () => {
      await gateway.close();
      await cloud.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Milliseconds to the first event with words; undefined where the large model answered, or the answer was soon over. */
async function firstWordsMs(url: string, content: string): Promise<number | undefined> {
  const startedMs = performance.now();
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'auto',
      stream: true,
      temperature: 0,
      max_tokens: 48,
      messages: [{ role: 'user', content }],
    }),
  });
  let first: number | undefined;
  let text = '';
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (first === undefined && /"content":"[^"]/.test(text)) first = performance.now() - startedMs;
  }
  const isSmall = answer.headers.get('x-smallfirst-tier') === 'small';
  const events = text.split('"content":"').length - 1;
  return isSmall && events > 2 * HELD ? first : undefined;
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

test(`the first words, with ${HELD} tokens held and without`, async ({ skip }) => {
  if (modelFile === undefined || !existsSync(modelFile)) {
    say('first token: SKIPPED: SMALLFIRST_EVAL_MODEL names no file');
    return skip();
  }
  const free = await started('');
  const held = await started(`verify: { onFail: escalate, hold: { tokens: ${HELD}, ms: 10000 } }`);
  const added: number[] = [];
  try {
    const asked = goldenSet()
      .filter(
        ({ language, kind }) => language === 'en' && (kind === 'rewriting' || kind === 'facts'),
      )
      .map(({ messages }) => messages.at(-1)?.content ?? '');
    for (let round = 0; round < ROUNDS; round += 1) {
      const content = `Write a long paragraph that explains the history behind this question: ${asked[(round * 7) % asked.length]}`;
      const without = await firstWordsMs(free.url, content);
      const withHold = await firstWordsMs(held.url, content);
      if (without !== undefined && withHold !== undefined) added.push(withHold - without);
    }
  } finally {
    await Promise.all([free.close(), held.close()]);
  }
  added.sort((a, b) => a - b);
  say(
    `first token: ${HELD} held tokens add ${at(added, 0.5).toFixed(0)} ms (p50), ${at(added, 0.95).toFixed(0)} ms (p95), of ${added.length} streams`,
  );
  expect(added.length).toBeGreaterThan(ROUNDS / 3);
  expect(at(added, 0.5)).toBeGreaterThan(0);
});
