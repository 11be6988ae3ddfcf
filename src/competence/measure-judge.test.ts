import { expect, test } from 'vitest';
import { chatCall } from '../http/chat-call.ts';
import type { Upstream } from '../core/upstream.ts';
import { createAuditor, weakness } from '../quality/auditor.ts';
import { readJudge } from '../quality/judge-card.ts';
import { choiceIn } from '../quality/judge.ts';
import { judgePairs } from './judge-pairs.ts';
import { measureJudge } from './measure-judge.ts';

/** A judge that says of each question what `say` says. */
const judge = (say: (question: string) => string): Upstream => ({
  name: 'cloud',
  kind: 'test',
  locality: 'cloud',
  facts: () => ({ locality: 'cloud', model: 'j', models: [], capabilities: new Set() }),
  send: async ({ call }) => {
    const { messages } = call.body as unknown as { messages: [{ content: string }] };
    const message = { role: 'assistant', content: say(messages[0].content) };
    const body = { choices: [{ index: 0, message, finish_reason: 'stop' }] };
    return { kind: 'whole', headers: {}, bytes: Buffer.from(JSON.stringify(body)), body };
  },
  probe: async () => ({ ok: true, detail: '' }),
  close: async () => {},
});

const pairs = judgePairs();
const good = new Set(pairs.map((pair) => pair.good));
const firstOf = (question: string): string =>
  /<<<ANSWER A\n([\s\S]*?)\nANSWER A>>>/.exec(question)![1]!;
const secondOf = (question: string): string =>
  /<<<ANSWER B\n([\s\S]*?)\nANSWER B>>>/.exec(question)![1]!;

const measured = (say: (question: string) => string) =>
  measureJudge({
    upstream: judge(say),
    model: 'j',
    pairs,
    measuredAt: '2026-01-01T00:00:00.000Z',
    toCall: chatCall,
    abort: new AbortController().signal,
    onProgress: () => {},
  });

test('200 pairs in ways of damage, of which each differs from its good half', () => {
  expect(pairs).toHaveLength(200);
  expect(new Set(pairs.map(({ id }) => id)).size).toBe(200);
  for (const { id, good: right, damaged } of pairs) expect(damaged, id).not.toBe(right);
});

test('a judge that knows is trusted, and one that always says A or B is not', async () => {
  // the answer of another question is a good one elsewhere: here it is told by its question
  const knows = await measured((question) => {
    const pair = pairs.find(
      (one) =>
        question.includes(`user: ${one.question}\n`) &&
        [firstOf(question), secondOf(question)].includes(one.damaged),
    )!;
    return firstOf(question) === pair.good ? 'A' : 'B';
  });
  expect(knows.sensitivity).toEqual({ right: 200, of: 200 });
  expect(knows.specificity).toEqual({ right: 200, of: 200 });
  expect(weakness(knows)).toBeUndefined();
  expect(readJudge(JSON.stringify(knows))).toEqual(knows);
  const always = await measured(() => 'A');
  expect(always.sensitivity.right).toBe(0);
  expect(weakness(always)).toContain('0 of 200');
  const contrary = await measured((question) => (good.has(firstOf(question)) ? 'B' : 'A'));
  expect(weakness(contrary)).toBeDefined();
  const nonsense = await measured(() => 'perhaps');
  expect(nonsense).toMatchObject({ sensitivity: { right: 0 }, specificity: { right: 0 } });
});

test('a card that was changed by hand is refused', async () => {
  const card = await measured(() => 'T');
  const forged = { ...card, sensitivity: { right: 200, of: 200 } };
  expect(() => readJudge(JSON.stringify(forged))).toThrow('changed');
  expect(() => readJudge('{')).toThrow('not JSON');
});

test.each([
  ['A', 'A'],
  [' b.', 'B'],
  ['Answer A is better.', 'A'],
  ['Both are fine: T', 'T'],
  ['I think that the better one is **B**', 'B'],
  ['', undefined],
  ['No idea at all', undefined],
  ['<script>', undefined],
])('%o is %s', (said, choice) => expect(choiceIn(said)).toBe(choice));

const PAIR = { task: 't', conversation: 'user: t', small: 'a', large: 'b' };
const POLICY = { share: 0.02, usdPerDay: 1, judge: 'large' } as const;

async function auditor(say: string) {
  const card = await measured((question) => (good.has(firstOf(question)) ? 'A' : 'B'));
  const lines: string[] = [];
  const made = createAuditor({
    epochMs: () => 0,
    judgeOf: () => card,
    onDone: () => {},
    onOmitted: () => {},
    say: (line) => lines.push(line),
  });
  const compare = () => made.compare(PAIR, async () => say);
  return { made, lines, compare };
}

test.each([
  ['A', 'whatever it reads'],
  ['hm', 'other things than'],
])('a judge that always says %o is stopped, and that is said', async (say, why) => {
  const { made, lines, compare } = await auditor(say);
  expect(made.take('j', 1, POLICY)).toBeUndefined();
  for (let at = 0; at < 40; at += 1) await compare();
  expect(made.take('j', 1, POLICY)).toBe('judge-stopped');
  expect(lines.join()).toContain(why);
});

test('a judge at five dollars is not asked, and what is spent counts for the day', async () => {
  const { made } = await auditor('T');
  expect(made.take('j', 5e9, POLICY)).toBe('budget');
  expect(made.take('j', null, POLICY)).toBe('unpriced');
  expect(made.take('j', 6e8, POLICY)).toBeUndefined();
  expect(made.take('j', 6e8, POLICY)).toBe('budget');
  made.settle(6e8, 1e8);
  expect(made.take('j', 6e8, POLICY)).toBeUndefined();
});

test('rare kinds are chosen more often, and all together as often as the policy says', async () => {
  const { made } = await auditor('T');
  const of = (domain: string) =>
    made.propensityOf({ domain, rule: 'objective', language: 'en' }, POLICY);
  let [common, rare, all] = [0, 0, 0];
  for (let at = 0; at < 10_000; at += 1) {
    const isRare = at % 50 === 49;
    const share = of(isRare ? 'rare' : 'common');
    all += share;
    if (isRare) rare = share;
    else common = share;
  }
  expect(rare).toBeGreaterThan(5 * common);
  expect(all / 10_000).toBeGreaterThan(0.01);
  expect(all / 10_000).toBeLessThan(0.025);
});
