import { afterEach, expect, test, vi } from 'vitest';
import { openLine, type Message } from './line.ts';

interface Sums {
  add(pair: readonly [number, number]): Promise<number>;
  fail(why: string): never;
  never(body: null): Promise<void>;
  note(text: string): void;
}

/** Two ends of one line. */
function bothEnds() {
  const noted: string[] = [];
  const delivered: Message[] = [];
  const ask = openLine<object, Sums>((message) => void there.receive(structuredClone(message)), {});
  const there = openLine<Sums, object>(
    (message) => {
      delivered.push(message);
      ask.receive(message);
    },
    {
      add: async ([a, b]) => a + b,
      fail: (why) => {
        throw new Error(why);
      },
      never: async () => await new Promise(() => undefined),
      note: (text) => void noted.push(text),
    },
  );
  return { ask, noted, delivered };
}

afterEach(() => vi.useRealTimers());

test('a question has its own answer, also where several wait', async () => {
  const { ask } = bothEnds();
  const sums = await Promise.all([ask.ask('add', [1, 2], 1000), ask.ask('add', [3, 4], 1000)]);
  expect(sums).toEqual([3, 7]);
});

test('what the other side throws arrives in its words', async () => {
  const { ask } = bothEnds();
  await expect(ask.ask('fail', 'no such thing', 1000)).rejects.toThrow('no such thing');
});

test('without an answer in time it is given up', async () => {
  vi.useFakeTimers();
  const { ask } = bothEnds();
  const asked = ask.ask('never', null, 50);
  const given = expect(asked).rejects.toThrow('no answer to never');
  await vi.advanceTimersByTimeAsync(50);
  await given;
});

test('what waits is given up when the other side is gone', async () => {
  const { ask } = bothEnds();
  const asked = ask.ask('never', null, 1000);
  ask.close();
  await expect(asked).rejects.toThrow('gone');
  await expect(ask.ask('add', [1, 2], 1000)).rejects.toThrow('gone');
});

test('what is told is not answered', () => {
  const { ask, noted, delivered } = bothEnds();
  ask.tell('note', 'hello');
  expect(noted).toEqual(['hello']);
  expect(delivered).toEqual([]);
});

test('a name that nobody has is answered with nothing, and other messages are not ours', async () => {
  const sent: Message[] = [];
  const line = openLine<object, object>((message) => void sent.push(message), {});
  expect(line.receive({ what: 'toString', body: null, id: 1 })).toBe(true);
  await expect.poll(() => sent).toEqual([{ reply: 1, body: undefined }]);
  expect(line.receive('ready')).toBe(false);
  expect(line.receive({ cmd: 'x' })).toBe(false);
});
