import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadPolicy } from '../policy/load.ts';
import { thresholdFor } from '../assembly/threshold.ts';
import { signalNames } from '../signals/index.ts';
import { scorer, scoreStream } from './score.ts';

const POLICY = `
name: test
objective: { complexityBelow: 0.3 }
targets:
  small: { upstream: local }
  large: { upstream: cloud }
domains:
  - name: proofs-we-know
    examples: ["prove that the square root of two is irrational", "prove that the square root of three is irrational"]
    use: small
`;
const policy = loadPolicy(
  { text: POLICY, file: 'test.yaml' },
  { upstreams: undefined, signals: signalNames, thresholdFor },
);
const score = scorer(policy);

async function run(chunks: readonly (string | Buffer)[]): Promise<{
  lines: unknown[];
  errors: string;
  bad: number;
}> {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const input = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  const read = [text(output), text(errors)] as const;
  const bad = await scoreStream({ input, output, errors }, score);
  output.end();
  errors.end();
  const written = (await read[0]).split('\n').filter((line) => line !== '');
  return { lines: written.map((line): unknown => JSON.parse(line)), errors: await read[1], bad };
}

const line = (id: unknown, content: string): string =>
  JSON.stringify({ id, messages: [{ role: 'user', content }] });

const CONFIDENT = z.object({
  complexity: z.number(),
  confidence: z.tuple([z.number(), z.number()]),
});

test('a deep judge has the last word on every line', async () => {
  const answer = { complexity: 0.77, confidence: [0.5, 0.9] as const, because: '' };
  const deep = { mode: 'always' as const, deadlineMs: Infinity, ask: async () => answer };
  expect(
    await scorer(policy, { deep })({
      messages: [{ role: 'user', content: 'Where is my parcel?' }],
    }),
  ).toMatchObject({
    complexity: 0.77,
    confidence: [0.5, 0.9],
    tier: 'large',
  });
});

test('each line says how sure the judge is, what is at stake, and the language', async () => {
  const texts = [
    'I want to kill myself',
    'Can I take warfarin together with clarithromycin?',
    'hi',
  ];
  const { lines } = await run([`${texts.map((asked, at) => line(at, asked)).join('\n')}\n`]);
  expect(lines).toMatchObject([
    { tier: 'large', stakes: { kind: 'self-harm' }, language: 'en' },
    { tier: 'large', stakes: { kind: 'medical' }, language: 'en' },
    { tier: 'small', language: 'und' },
  ]);
  for (const scored of lines) {
    const { complexity, confidence } = CONFIDENT.parse(scored);
    expect(complexity).toBeGreaterThanOrEqual(confidence[0]);
    expect(complexity).toBeLessThanOrEqual(confidence[1]);
  }
});

test('each line gets its id, a complexity and a tier, in the order of the input', async () => {
  const input = [
    line('a', 'hi'),
    line(
      2,
      'How many ordered triples (x, y, z) of positive integers satisfy x + 2y + 3z = 101, if x is odd and y is divisible by 7?',
    ),
  ];
  const { lines, bad } = await run([`${input.join('\n')}\n`]);
  expect(bad).toBe(0);
  expect(lines).toMatchObject([
    { id: 'a', tier: 'small' },
    { id: 2, tier: 'large' },
  ]);
});

test('a domain of the policy decides before the complexity', async () => {
  const { lines } = await run([line('p', 'prove that the square root of two is irrational')]);
  expect(lines).toMatchObject([{ domain: 'proofs-we-know', tier: 'small' }]);
});

test('a bad line is reported with its number, and the lines after it are scored', async () => {
  const { lines, errors, bad } = await run([
    `${line(1, 'hi')}\n{"id":\n\n{"id": 3}\n${line(4, 'hi')}`,
  ]);
  expect(lines).toMatchObject([{ id: 1 }, { id: 4 }]);
  expect(errors).toMatch(/^line 2: .*\nline 4: .*\n$/);
  expect(bad).toBe(2);
});

test('lines are complete however the input is chunked', async () => {
  const whole = Buffer.from(
    ['¿Cuánto es 7 × 8?', '你好，世界', 'naïve café 😀']
      .map((content, id) => line(id, content))
      .join('\n'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 6 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      const chunks = at.slice(1).map((end, piece) => whole.subarray(at[piece], end));
      const { lines, bad } = await run(chunks);
      expect(bad).toBe(0);
      expect(lines).toMatchObject([{ id: 0 }, { id: 1 }, { id: 2 }]);
    }),
    { numRuns: 30 },
  );
});

test('with a policy its rules decide the tier', async () => {
  const ruled = loadPolicy(
    {
      text: `${POLICY}rules: [{ name: short, when: request.inputTokens < 1000, use: large }]`,
      file: 'test.yaml',
    },
    { upstreams: undefined, signals: signalNames, thresholdFor },
  );
  const messages = [{ role: 'user', content: 'hi' }];
  expect(await scorer(ruled, { byRules: true })({ messages })).toMatchObject({ tier: 'large' });
  expect(await scorer(ruled)({ messages })).toMatchObject({ tier: 'small' });
});
