import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { Message } from './line.ts';
import { startCrew } from './crew.ts';

/** A process that serves as soon as it is let, and ends when it is told to. */
function child() {
  const events = new EventEmitter();
  const end = (): void => void events.emit('close', 0, null);
  const send = (message: Message): void => {
    if (!('what' in message)) return;
    if (message.id !== undefined) events.emit('message', { reply: message.id });
    if (message.what === 'retire' || message.what === 'drain') end();
  };
  const process = Object.assign(events, { connected: true, channel: { ref: () => {} }, send });
  return {
    process: process as unknown as ChildProcess,
    serve: () => void events.emit('message', { what: 'ready', body: {} }),
    hasEnded: new Promise<void>((resolve) => void events.once('close', resolve)),
  };
}

test('a reload that is asked for while one goes on reaches every worker', async () => {
  let written = 'before';
  const alive = new Set<{ readonly read: string; readonly serve: () => void }>();
  const start = (): ChildProcess => {
    const { process, serve, hasEnded } = child();
    const one = { read: written, serve };
    alive.add(one);
    void hasEnded.then(() => alive.delete(one));
    // The third is held back: it is the first that takes the place of another.
    if (alive.size !== 3 || written !== 'once') setImmediate(serve);
    return process;
  };
  const abort = new AbortController();
  const crew = await startCrew({ count: 2, start, say: () => {}, abort: abort.signal });
  written = 'once';
  const reloaded = crew.reload();
  await expect.poll(() => [...alive].map(({ read }) => read)).toEqual(['before', 'before', 'once']);
  written = 'twice';
  void crew.reload();
  for (const { read, serve } of alive) if (read === 'once') serve();
  await reloaded;
  await expect.poll(() => [...alive].map(({ read }) => read)).toEqual(['twice', 'twice']);
  expect(await crew.drain(() => {})).toBe(0);
});
