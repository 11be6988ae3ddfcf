import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DeepAnswer, DeepQuestion } from '../complexity/calibrated.ts';
import type { FromDeep } from './protocol.ts';
import { QUEUE } from './question-queue.ts';
import { type DeepThread, deepThread, type DeepWorker, RESTART_MS } from './thread.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const question = (piece: number): DeepQuestion => ({
  pieces: Int32Array.of(piece),
  inputs: new Float64Array(1),
  need: 0,
  exam: 0,
  second: 0,
});
const answer: DeepAnswer = { complexity: 0.7, confidence: [0.5, 0.9], because: '' };

interface Scene {
  readonly thread: DeepThread;
  /** First pieces of the questions that the worker got. */
  readonly asked: number[];
  readonly said: string[];
  say(message: FromDeep): void;
  break(error: Error): void;
  exit(): void;
  readonly spawned: () => number;
}

function scene(): Scene {
  const asked: number[] = [];
  const said: string[] = [];
  let say: Scene['say'] = () => {};
  let fail: Scene['break'] = () => {};
  let exit: Scene['exit'] = () => {};
  let spawned = 0;
  const worker: DeepWorker = {
    on: (event: string, listener: never) => {
      if (event === 'message') say = listener;
      else if (event === 'error') fail = listener;
      else exit = listener;
    },
    postMessage: ({ pieces }) => void asked.push(pieces[0]!),
    ref: () => {},
    unref: () => {},
    terminate: () => Promise.resolve(),
  };
  const thread = deepThread({
    spawn: () => {
      spawned += 1;
      return worker;
    },
    onFailure: (words) => said.push(words),
    nowMs: () => Date.now(),
  });
  thread.start();
  return {
    thread,
    asked,
    said,
    say: (one) => say(one),
    break: (error) => fail(error),
    exit: () => exit(),
    spawned: () => spawned,
  };
}

test('its thread begins at its start or at the first question, once', () => {
  const spawn = vi.fn(() => {
    const nothing = (): void => {};
    return { on: nothing, postMessage: nothing, ref: nothing, unref: nothing, terminate: vi.fn() };
  });
  deepThread({ spawn });
  expect(spawn).not.toHaveBeenCalled();
  const asked = deepThread({ spawn });
  void asked.ask(question(1), Infinity);
  asked.start();
  void asked.ask(question(2), Infinity);
  expect(spawn).toHaveBeenCalledOnce();
  deepThread({ spawn }).start();
  expect(spawn).toHaveBeenCalledTimes(2);
});

test('one question is under way at a time, in order', async () => {
  const { thread, asked, say } = scene();
  const answers = [thread.ask(question(1), 40), thread.ask(question(2), 40)];
  expect(asked).toEqual([]);
  say({ kind: 'ready' });
  expect(asked).toEqual([1]);
  say({ kind: 'answer', answer });
  expect(asked).toEqual([1, 2]);
  say({ kind: 'answer', answer });
  expect([await answers[0], await answers[1]]).toEqual([answer, answer]);
  expect(thread.counts()).toEqual({ answered: 2, late: 0, busy: 0, failed: 0, remembered: 0 });
});

test('nobody waits past the deadline, and what nobody waits for is not asked', async () => {
  const { thread, asked, say } = scene();
  say({ kind: 'ready' });
  const [first, second] = [thread.ask(question(1), 40), thread.ask(question(2), 40)];
  vi.advanceTimersByTime(40);
  expect([await first, await second]).toEqual([undefined, undefined]);
  say({ kind: 'answer', answer });
  const third = thread.ask(question(3), 40);
  say({ kind: 'answer', answer });
  expect(await third).toEqual(answer);
  expect(asked).toEqual([1, 3]);
  expect(thread.counts()).toEqual({ answered: 1, late: 2, busy: 0, failed: 0, remembered: 0 });
});

test('the queue is bounded, but for those who wait as long as it takes', async () => {
  const { thread } = scene();
  for (let at = 0; at < QUEUE; at += 1) void thread.ask(question(at), 40);
  expect(thread.ask(question(QUEUE), 40)).toBeUndefined();
  expect(thread.counts().busy).toBe(1);
  void thread.ask(question(QUEUE), Infinity);
  vi.advanceTimersByTime(60_000);
  expect(thread.counts()).toMatchObject({
    answered: 0,
    late: QUEUE,
    busy: 1,
    failed: 0,
    remembered: 0,
  });
});

test('where many more are asked than it can answer it rests, but for those who wait as long as it takes', async () => {
  const { thread, asked, say } = scene();
  say({ kind: 'ready' });
  void thread.ask(question(1), 40);
  for (let at = 2; at < 40; at += 1) void thread.ask(question(at), 40);
  const taken = 1 + QUEUE;
  for (let at = 0; at < taken; at += 1) {
    vi.advanceTimersByTime(8);
    say({ kind: 'answer', answer });
  }
  expect(asked).toEqual([1, 2, 3, 4, 5]);
  expect(thread.ask(question(100), 40)).toBeUndefined();
  const patient = thread.ask(question(101), Infinity);
  expect(asked).toEqual([1, 2, 3, 4, 5, 101]);
  say({ kind: 'answer', answer });
  expect(await patient).toEqual(answer);
  void thread.ask(question(102), 40);
  expect(asked.at(-1)).toBe(102);
});

test('after its rest it is asked again', () => {
  const { thread, asked, say } = scene();
  say({ kind: 'ready' });
  for (let at = 0; at < 40; at += 1) void thread.ask(question(at), 40);
  for (let at = 0; at < 1 + QUEUE; at += 1) {
    vi.advanceTimersByTime(8);
    say({ kind: 'answer', answer });
  }
  void thread.ask(question(100), 40);
  expect(asked.at(-1)).toBe(QUEUE);
  vi.advanceTimersByTime(1000);
  void thread.ask(question(101), 40);
  expect(asked.at(-1)).toBe(101);
});

test('how long an answer took is observed', async () => {
  const { thread, say } = scene();
  const seconds: number[] = [];
  thread.watch((took) => seconds.push(took));
  say({ kind: 'ready' });
  const asked = thread.ask(question(1), 40);
  vi.advanceTimersByTime(20);
  say({ kind: 'answer', answer });
  await asked;
  expect(seconds).toEqual([0.02]);
});

test.each([
  ['damaged weights', (to: Scene) => to.say({ kind: 'failed', message: 'encoder.bin is damaged' })],
  ['a thread that breaks', (to: Scene) => to.break(new TypeError('quotes the prompt'))],
])('after %s every question fails at once, and that is said once', async (_name, happen) => {
  const made = scene();
  const before = made.thread.ask(question(1), Infinity);
  happen(made);
  happen(made);
  expect([await before, await made.thread.ask(question(2), Infinity)]).toEqual([
    undefined,
    undefined,
  ]);
  expect(made.said).toHaveLength(1);
  expect(made.said[0]).toMatch(/fast judge alone/);
  expect(made.said[0]).not.toMatch(/quotes/);
});

test('a thread that ended is started again, later after each end, and sooner once it answered', async () => {
  const made = scene();
  const { thread, say } = made;
  const end = async (pauseMs: number): Promise<void> => {
    const starts = made.spawned();
    const waiting = thread.ask(question(starts), 40);
    made.break(new RangeError('quotes the prompt'));
    made.exit();
    expect(await waiting).toBeUndefined();
    expect(made.said.at(-1)).toContain(`RangeError`);
    expect(made.said.at(-1)).toContain(`in ${pauseMs / 1000} s`);
    vi.advanceTimersByTime(pauseMs - 1);
    expect(await thread.ask(question(100), 40)).toBeUndefined();
    expect(made.spawned()).toBe(starts);
    vi.advanceTimersByTime(1);
    expect(made.spawned()).toBe(starts + 1);
  };
  await end(RESTART_MS);
  await end(4 * RESTART_MS);
  say({ kind: 'ready' });
  const asked = thread.ask(question(7), 40);
  say({ kind: 'answer', answer });
  expect(await asked).toEqual(answer);
  await end(RESTART_MS);
  expect(thread.restarts()).toBe(3);
  await thread.close();
  made.exit();
  vi.advanceTimersByTime(1e9);
  expect([thread.restarts(), made.spawned()]).toEqual([3, 4]);
});

test('who waits when it is closed gets the fast word', async () => {
  const { thread, said } = scene();
  const waiting = thread.ask(question(1), Infinity);
  await thread.close();
  expect(await waiting).toBeUndefined();
  expect(said).toEqual([]);
});

test('the same question again is not asked again, even where nobody waited for its answer', async () => {
  const { thread, asked, say } = scene();
  say({ kind: 'ready' });
  const late = thread.ask(question(1), 40);
  vi.advanceTimersByTime(40);
  expect(await late).toBeUndefined();
  say({ kind: 'answer', answer });
  expect(await thread.ask(question(1), 40)).toEqual(answer);
  expect(asked).toEqual([1]);
  expect(thread.counts()).toMatchObject({ late: 1, remembered: 1 });
});

test('a question that differs in one input is another one', async () => {
  const { thread, asked, say } = scene();
  say({ kind: 'ready' });
  const others = [
    { ...question(1), inputs: Float64Array.of(0.1) },
    { ...question(1), need: 0.1 },
    { ...question(1), exam: 0.1 },
    { ...question(1), second: 0.1 },
  ];
  for (const one of [question(1), ...others]) {
    void thread.ask(one, 40);
    say({ kind: 'answer', answer });
  }
  expect(asked).toEqual([1, 1, 1, 1, 1]);
});
