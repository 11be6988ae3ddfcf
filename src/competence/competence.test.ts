import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { madeCard } from '../../test/support/competence.ts';
import { textEvents } from '../wire/chat-answer.ts';
import type { Upstream } from '../core/upstream.ts';
import { flowOf } from '../lib/flow.ts';
import { isObject, objectsIn } from '../lib/json.ts';
import { chatCall } from '../http/chat-call.ts';
import { abstention } from '../verify/confidence.ts';
import { calibrate, digestOf } from './calibrate.ts';
import { cardFinder, readCard } from './card.ts';
import { areaOf, wilson } from './area.ts';
import { goldenSet } from './golden-set.ts';
import { isRight } from './grade.ts';
import { readGolden } from './read-golden.ts';
import type { TaskKind } from '../core/competence.ts';
import { shippedCards } from './shipped.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

test('the shipped set has fifty items a kind and language, none twice, none that accepts nothing', () => {
  const items = goldenSet();
  const cells = Map.groupBy(items, ({ kind, language }) => `${kind}.${language}`);
  expect([...cells.values()].map((cell) => cell.length)).toEqual(Array(24).fill(50));
  expect(new Set(items.map(({ messages }) => JSON.stringify(messages))).size).toBe(1200);
  expect(items.filter(({ accept }) => isRight('', accept))).toEqual([]);
  expect(goldenSet({ quick: true })).toHaveLength(240);
});

test.each([
  ['a word with other accents', 'Es paris, claro', { anyOf: ['París'] }, true],
  ['a word inside of another', 'The comparison', { anyOf: ['Paris'] }, false],
  ['both of two answers', 'yes and no', { anyOf: ['yes'], noneOf: ['no'] }, false],
  ['a number with a separator', 'It is 1,234.', { number: 1234 }, true],
  ['a part of a number', 'It is 1234.', { number: 234 }, false],
  ['too many words', 'one two three', { mostWords: 2, patterns: ['one'] }, false],
  ['JSON in a fence', '```json\n{"name":"Ana","age":"31"}\n```', { json: { age: 31 } }, true],
  ['JSON with another value', '{"age":30}', { json: { age: 31 } }, false],
  ['some of the patterns', 'a b', { patterns: ['a', 'b', 'c'], least: 2 }, true],
])('%s is graded', (_, answer, accept, right) => {
  expect(isRight(answer, accept)).toBe(right);
});

test.each([
  ['not JSON', '{', 'line 1: not JSON'],
  ['an unknown member', '{"messages":[],"accepts":{}}', 'line 1'],
  [
    'a grader that accepts nothing said',
    '{"messages":[{"role":"user","content":"a"}],"accept":{"noneOf":["b"]}}',
    'accepts the empty answer',
  ],
  [
    'a pattern that is none',
    '{"messages":[{"role":"user","content":"a"}],"accept":{"patterns":["("]}}',
    'line 1: accept.patterns.0',
  ],
  [
    'an item twice',
    '{"messages":[{"role":"user","content":"a"}],"accept":{"anyOf":["b"]}}\n'.repeat(2),
    'line 2: repeats line 1',
  ],
  ['nothing', '\n', 'is empty'],
])('a golden set with %s is refused by line', (_, source, message) => {
  expect(() => readGolden(source)).toThrow(message);
});

test('a card is read again, and refused where it was changed or is none', () => {
  const text = JSON.stringify(madeCard());
  expect(readCard(text)).toEqual(madeCard());
  expect(() => readCard(text.replace('"right":', '"right":1'))).toThrow('changed after');
  expect(() => readCard('{}')).toThrow('no competence card');
  expect(() => readCard('nothing')).toThrow('not JSON');
});

test('a card belongs to the digest of its weights, or to a name where no digest is known', () => {
  const [digested, named] = [madeCard({ modelDigest: 'sha256:1' }), madeCard()];
  const cardOf = cardFinder([digested, named]);
  expect(cardOf('slm', 'sha256:1')).toBe(digested);
  expect(cardOf('slm', 'sha256:2')).toBeUndefined();
  expect(cardOf('slm', undefined)).toBe(named);
  expect(cardOf('other', undefined)).toBeUndefined();
});

test('areas and shares are as the formulas give them', () => {
  const scored = [
    { wrong: true, score: 0.9, stratum: 'en' },
    { wrong: true, score: 0.4, stratum: 'en' },
    { wrong: false, score: 0.4, stratum: 'en' },
    { wrong: false, score: 0.1, stratum: 'en' },
  ];
  expect(areaOf(scored)).toMatchObject({ items: 4, wrong: 2, value: 0.875 });
  expect(areaOf(scored.slice(2))).toMatchObject({ value: null, low: null });
  // a language in which all are wrong and unsure says nothing of the other
  const harder = scored.map((one) => ({ ...one, stratum: 'es', wrong: true, score: 0.99 }));
  expect(areaOf([...scored, ...harder])).toMatchObject({ items: 8, wrong: 6, value: 0.875 });
  // five strata of three answers, each told apart: that is little to go by
  const few = ['a', 'b', 'c', 'd', 'e'].flatMap((stratum) => [
    { wrong: true, score: 0.9, stratum },
    { wrong: false, score: 0.2, stratum },
    { wrong: false, score: 0.1, stratum },
  ]);
  expect(areaOf(few)).toMatchObject({ value: 1, low: expect.closeTo(0.868, 3) });
  // Wilson's interval of 8 of 10, by hand
  expect(wilson(8, 10)).toEqual({ low: expect.closeTo(0.49, 2), high: expect.closeTo(0.943, 2) });
});

/** Says the first thing that is accepted, or nothing, with probabilities that know which. */
function pupil(fails: (id: number) => boolean): { upstream: Upstream; asked: () => number } {
  const items = new Map(
    goldenSet().map((item, at) => [JSON.stringify(item.messages), { item, at }]),
  );
  let asked = 0;
  const upstream: Upstream = {
    name: 'pupil',
    kind: 'fake',
    locality: 'local',
    facts: () => ({
      locality: 'local',
      model: 'm',
      models: [],
      capabilities: new Set(),
      modelDigest: 'sha256:7',
    }),
    send: async ({ call, model, observeTokens }) => {
      asked += 1;
      const { item, at } = items.get(JSON.stringify(objectsIn(call.body['messages'])))!;
      const isWrong = fails(at);
      const { number, json, anyOf, patterns } = item.accept;
      const right = String(
        number ??
          (json === undefined ? undefined : JSON.stringify(json)) ??
          anyOf?.[0] ??
          patterns?.[0],
      );
      const text = isWrong ? 'hm' : right;
      observeTokens?.([{ text, logprob: isWrong ? -2 : -0.1, top: [] }]);
      const write = textEvents(call, model);
      const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 };
      const events = [
        ...write.opening(),
        write.text(text),
        ...write.ending({ finish: 'stop', usage }),
      ];
      return { kind: 'stream', headers: {}, events: flowOf(events) };
    },
    probe: async () => ({ ok: true, detail: '' }),
    close: async () => {},
  };
  return { upstream, asked: () => asked };
}

test('a calibration that was stopped goes on, and its card knows what the model knows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'smallfirst-'));
  folders.push(folder);
  const partFile = join(folder, 'part');
  const { upstream, asked } = pupil((at) => at % 4 === 0);
  const stop = new AbortController();
  const energy = { lowJ: 26, highJ: 52, method: 'measured', source: 'a meter' } as const;
  let ms = 0;
  const run = {
    upstream,
    model: 'm',
    items: goldenSet().filter(({ kind }) => kind === 'facts' || kind === 'sums'),
    setName: 'a part',
    engine: 'fake',
    partFile,
    measuredAt: '2026-11-29T12:00:00.000Z',
    toCall: chatCall,
    nowMs: () => (ms += 5),
    onProgress: (done: number) => {
      if (done === 70) stop.abort(new Error('stopped'));
    },
    abort: stop.signal,
    startMeter: () => ({ end: () => ({ energy, machineMs: 1 }) }),
  };
  await expect(calibrate(run)).rejects.toThrow('stopped');
  expect((await readFile(partFile, 'utf8')).trim().split('\n')).toHaveLength(71);
  const card = await calibrate({ ...run, abort: new AbortController().signal });
  expect(asked()).toBe(200);
  expect(card).toMatchObject({ model: 'm', modelDigest: 'sha256:7', languages: ['en', 'es'] });
  expect(card.all).toMatchObject({ items: 200, right: 150 });
  // of the 130 answers of one token that this run asked for
  const measured = { method: 'measured', source: 'a meter' };
  expect(card.energy).toEqual({ joulesPerToken: [0.2, 0.4], ...measured });
  expect(card.confidence?.whole.kinds.facts).toMatchObject({ items: 100, value: 1 });
  expect(isObject(readCard(JSON.stringify(card)).passed)).toBe(true);
  await expect(readFile(partFile)).rejects.toThrow('ENOENT');
});

test('the cards that ship are of the set that ships, and know what they do not know', () => {
  const [whole, quick] = [goldenSet(), goldenSet({ quick: true })];
  const [smollm2, tinyllama] = shippedCards();
  expect(smollm2!.set).toEqual({ name: 'shipped', items: 1200, digest: digestOf(whole) });
  expect(tinyllama!.set).toEqual({ name: 'shipped, quick', items: 240, digest: digestOf(quick) });
  for (const { modelDigest } of shippedCards())
    expect(modelDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
  const known = smollm2!.confidence!.whole;
  expect(abstention(known, 'facts')).toBeUndefined();
  expect(abstention(known, 'yes-no')).toBe('no-better-than-chance');
  expect(abstention(known, 'other')).toBe('few-items');
  const { kinds } = tinyllama!.confidence!.whole;
  for (const kind of Object.keys(kinds) as TaskKind[])
    expect(abstention(tinyllama!.confidence!.whole, kind), kind).toBeDefined();
});
