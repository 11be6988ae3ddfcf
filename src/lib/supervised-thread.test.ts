import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { supervisedThread, type ThreadOptions } from './supervised-thread.ts';

type News = { readonly news: string };

/** Echoes; ends at `end`, and breaks at `break`. */
const ECHO = `
  const { parentPort } = require('node:worker_threads');
  parentPort.postMessage({ seq: 0, found: '' });
  parentPort.on('message', ({ seq, question }) => {
    if (question === 'end') process.exit(0);
    if (question === 'break') throw new RangeError('it broke');
    if (question === 'refuse') return parentPort.postMessage({ seq, failure: 'Not this one.' });
    parentPort.postMessage({ news: question });
    parentPort.postMessage({ seq, found: question + '!' });
  });`;

const open: { end(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.end();
});

function thread(codes: readonly string[] = [], more: Partial<ThreadOptions<News>> = {}) {
  const left = [...codes];
  const made = supervisedThread<string, string, News>({
    spawn: () => new Worker(left.shift() ?? ECHO, { eval: true }),
    name: 'The echo',
    ...more,
  });
  open.push(made);
  return made;
}

test('it answers, refuses a question, and tells news', async () => {
  const news: string[] = [];
  const echo = thread([], { onNews: (one) => news.push(one.news) });
  expect(await Promise.all([echo.ask('a'), echo.ask('b')])).toEqual(['a!', 'b!']);
  await expect(echo.ask('refuse')).rejects.toThrow('Not this one.');
  expect(news).toEqual(['a', 'b']);
  expect(echo.restarts()).toBe(0);
});

test.each([
  ['end', 'The echo ended (it exited) and is started again.'],
  ['break', 'The echo ended (RangeError: it broke) and is started again.'],
])('who waits when it ends (%s) is told so, and the next question starts it', async (how, why) => {
  const ends: string[] = [];
  const echo = thread([], { onEnd: (said) => ends.push(said) });
  const [ended, waiting] = await Promise.allSettled([echo.ask(how), echo.ask('a')]);
  expect([ended, waiting]).toEqual(
    [1, 2].map(() => ({ status: 'rejected', reason: expect.objectContaining({ message: why }) })),
  );
  expect(await echo.ask('b')).toBe('b!');
  expect([ends, echo.restarts()]).toEqual([[why], 1]);
});

test('with a pause it starts by itself, and says why it is down until then', async () => {
  const starts: number[] = [];
  const echo = thread([], {
    spawn: () => {
      starts.push(1);
      return new Worker(ECHO, { eval: true });
    },
    restartMs: 20,
  });
  await expect(echo.ask('end')).rejects.toThrow('is started again');
  await expect(echo.ask('a')).rejects.toThrow('is started again');
  await expect.poll(() => starts).toEqual([1, 1]);
  expect(await echo.ask('a')).toBe('a!');
});

test('one that cannot open says so to every question, and is no restart', async () => {
  const code = `require('node:worker_threads').parentPort.postMessage({ seq: 0, failure: 'No file.' });
    setInterval(() => {}, 1000);`;
  const echo = thread([code, code]);
  await expect(echo.ask('a')).rejects.toThrow('No file.');
  await expect(echo.ask('a')).rejects.toThrow('No file.');
  expect(await echo.ask('a')).toBe('a!');
  expect(echo.restarts()).toBe(0);
});

test('once it was ended it is not started again', async () => {
  const echo = thread();
  expect(await echo.ask('a')).toBe('a!');
  await echo.end();
  await expect(echo.ask('a')).rejects.toThrow('The echo was closed.');
  expect(echo.restarts()).toBe(0);
});

test('one with nothing to do is ended after a while, and started by the next question', async () => {
  let [starts, exits] = [0, 0];
  const spawn = (): Worker => {
    starts += 1;
    return new Worker(ECHO, { eval: true }).once('exit', () => (exits += 1));
  };
  const echo = thread([], { spawn, idleMs: 1 });
  expect(await echo.ask('a')).toBe('a!');
  await expect.poll(() => exits).toBe(1);
  expect(await echo.ask('b')).toBe('b!');
  expect([starts, echo.restarts()]).toEqual([2, 0]);
});
