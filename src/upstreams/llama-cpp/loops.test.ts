import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  begin,
  choice,
  content,
  hi,
  piece,
  rest,
  whole,
} from '../../../test/support/ask-upstream.ts';
import { makeGguf } from '../../../test/support/make-gguf.ts';
import type { Upstream } from '../../core/upstream.ts';
import { isObject, objectsIn } from '../../lib/json.ts';
import { llamaCppUpstream } from './upstream.ts';

const LINE = ' Hello there, my friend, how do you feel today?';
/** The second is known for a repetition at its end, or at the beginning of a third: the first began without a blank. */
const TURNS = LINE.repeat(3).trim();
const folder = mkdtempSync(join(tmpdir(), 'smallfirst-'));
const looping = join(folder, 'looping.gguf');
const servedWith = (endBias: number): Upstream =>
  llamaCppUpstream({
    name: 'local',
    model: 'tiny',
    modelFile: looping,
    template: 'zephyr',
    contextTokens: 1024,
    threads: 1,
    sampling: { temperature: 0, topP: 1, topK: 1, endBias },
    lazy: true,
  });
let local: Upstream;
/** Its answers end as soon as they may. */
let ending: Upstream;

beforeAll(() => {
  writeFileSync(looping, makeGguf({ kind: 'scripted', text: LINE, loops: true }));
  local = servedWith(0);
  ending = servedWith(1000);
});

afterAll(async () => {
  await local.close();
  await ending.close();
  rmSync(folder, { recursive: true });
});

test('an answer that has fallen into a loop ends after whole turns of it, as cut off, with all tokens in its usage', async () => {
  const body = await whole(local, hi());
  expect(content(body)).toBe(TURNS);
  expect(choice(body)['finish_reason']).toBe('length');
  const { usage } = body;
  if (!isObject(usage)) throw new Error('no usage');
  expect(Number(usage['completion_tokens'])).toBeGreaterThan(TURNS.length / 8);
  expect(Number(usage['completion_tokens'])).toBeLessThan(200);
});

test('a stream shows the same, and who checks the answer hears of it before the last event', async () => {
  const heard: string[] = [];
  const observeLoop = (): void => void heard.push('loop');
  const events = await rest(await begin(local, hi(), { observeLoop }));
  expect(events.map(piece).join('')).toBe(TURNS);
  expect(heard).toEqual(['loop']);
  expect(choice(events.at(-2)?.data)['finish_reason']).toBe('length');
});

test('where the probabilities of its tokens are wanted, they are those of what is shown', async () => {
  const body = await whole(local, hi('hi', { logprobs: true }));
  expect(content(body)).toBe(TURNS);
  const { logprobs } = choice(body);
  const tokens = isObject(logprobs) ? objectsIn(logprobs['content']) : [];
  // a token of this vocabulary by itself has no blank
  expect(tokens.map(({ token }) => (typeof token === 'string' ? token : '')).join('')).toBe(
    TURNS.replaceAll(' ', ''),
  );
});

test('nothing is cut where repetition is asked for', async () => {
  const body = await whole(local, hi('Say it 100 times', { max_tokens: 300 }));
  expect(content(body).length).toBeGreaterThan(10 * LINE.length);
  expect(body['usage']).toMatchObject({ completion_tokens: 300 });
});

test.each([
  ['where nobody asks for probabilities', {}],
  ['where they are asked for', { logprobs: true }],
])('a bias for its end ends an answer after a sentence, and not before: %s', async (_, more) => {
  const body = await whole(ending, hi('hi', more));
  expect(content(body)).toBe(LINE.trim());
  expect(choice(body)['finish_reason']).toBe('stop');
});

test('an answer that has only said the task again goes on', async () => {
  const body = await whole(ending, hi(`Translate: ${LINE.trim()}`));
  expect(content(body)).toBe(`${LINE}${LINE}`.trim());
});
