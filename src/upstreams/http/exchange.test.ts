import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { failure } from '../../../test/support/ask-upstream.ts';
import { headed, TURNS_MS, wired, type Wire } from '../../../test/support/wired-exchange.ts';
import type { Exchange } from './exchange.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('chunks are read in order, whether they arrive before or after the read', async () => {
  const { wire, from } = await headed();
  wire.handler.onResponseData(wire.controller, Buffer.from('a'));
  wire.handler.onResponseData(wire.controller, Buffer.from('b'));
  expect(String(await from.body.read())).toBe('a');
  expect(String(await from.body.read())).toBe('b');
  const waiting = from.body.read();
  wire.handler.onResponseData(wire.controller, Buffer.from('c'));
  expect(String(await waiting)).toBe('c');
  const last = from.body.read();
  wire.handler.onResponseEnd(wire.controller, {});
  expect(await last).toBeUndefined();
  expect(await from.body.read()).toBeUndefined();
});

test('a reader that is slower than the socket pauses it, and resumes it once all is read', async () => {
  const { wire, from } = await headed();
  const block = Buffer.alloc(100 * 1024);
  for (let i = 0; i < 3; i += 1) wire.handler.onResponseData(wire.controller, block);
  expect(wire.calls).toEqual(['pause']);
  await from.body.read();
  await from.body.read();
  expect(wire.calls).toEqual(['pause']);
  await from.body.read();
  expect(wire.calls).toEqual(['pause', 'resume']);
});

test('a peer that vanished under a request is no url that is wrong', async () => {
  const { wire, asked } = wired();
  wire.handler.onRequestStart(wire.controller, {});
  const gone = Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT' });
  wire.handler.onResponseError(wire.controller, gone);
  const error = await failure(asked);
  expect(error.attemptCause).toBe('timeout');
  expect(error.message).toBe("'m' vanished from the network (ETIMEDOUT).");
});

/** Comments every 600 ms, in a limit of 1000 ms, as many as are let. */
async function comments(wire: Wire, from: Exchange, atMost: number): Promise<number> {
  for (let sent = 0; sent < atMost; sent += 1) {
    const read = from.body.read().then(
      () => true,
      () => false,
    );
    await vi.advanceTimersByTimeAsync(600);
    wire.handler.onResponseData(wire.controller, Buffer.from(': wait\n\n'));
    if (!(await read)) return sent;
  }
  return atMost;
}

test('the first-byte limit counts from the start, through headers, and anew from each comment', async () => {
  const { wire, from } = await headed();
  expect(await comments(wire, from, 3)).toBe(3);
  const failed = failure(from.body.read());
  await vi.advanceTimersByTimeAsync(1000 + TURNS_MS);
  expect((await failed).attemptCause).toBe('timeout');
  expect(wire.calls).toEqual(['abort']);
});

test('comments alone are no answer: after ten such limits it is over', async () => {
  const { wire, from } = await headed();
  // The last limit may begin until 9000 ms: the comment at 8400 ms gives time until 9400.
  expect(await comments(wire, from, 99)).toBe(15);
  expect((await failure(from.body.read())).attemptCause).toBe('timeout');
});

test('comments keep a very patient limit for half an hour, and never shorten it', async () => {
  const halfHourMs = 1_800_000;
  const { wire, from } = await headed({ firstByteMs: 2 * halfHourMs });
  const failed = failure(from.body.read().then(() => from.body.read()));
  await vi.advanceTimersByTimeAsync(halfHourMs);
  wire.handler.onResponseData(wire.controller, Buffer.from(': wait\n\n'));
  await vi.advanceTimersByTimeAsync(halfHourMs - 1);
  expect(wire.calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(1 + TURNS_MS);
  expect((await failed).attemptCause).toBe('timeout');
});

test('once answered only silence between chunks counts, and only while somebody waits', async () => {
  const { wire, from } = await headed();
  from.answered();
  await vi.advanceTimersByTimeAsync(5000);
  let waiting = from.body.read();
  await vi.advanceTimersByTimeAsync(99);
  wire.handler.onResponseData(wire.controller, Buffer.from('a'));
  expect(String(await waiting)).toBe('a');
  await vi.advanceTimersByTimeAsync(5000);
  waiting = from.body.read();
  const failed = failure(waiting);
  await vi.advanceTimersByTimeAsync(100 + TURNS_MS);
  expect((await failed).attemptCause).toBe('timeout');
});

test('an abort before the connection is open rejects at once and stops the request when it starts', async () => {
  const abort = new AbortController();
  const { wire, asked } = wired({ abort: abort.signal });
  abort.abort();
  expect((await failure(asked)).attemptCause).toBe('aborted');
  expect(wire.calls).toEqual([]);
  wire.handler.onRequestStart(wire.controller, {});
  expect(wire.calls).toEqual(['abort']);
});

test('a connection that is not established fails at its own limit', async () => {
  const { wire, asked } = wired();
  const failed = failure(asked);
  await vi.advanceTimersByTimeAsync(199);
  expect(wire.calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(1 + TURNS_MS);
  expect(await failed).toMatchObject({ attemptCause: 'unreachable' });
  expect((await failed).message).toContain('did not accept a connection');
  wire.handler.onRequestStart(wire.controller, {});
  expect(wire.calls).toEqual(['abort']);
});

test('interim responses are not the answer', async () => {
  const { wire, asked } = wired();
  wire.handler.onRequestStart(wire.controller, {});
  wire.handler.onResponseStart(wire.controller, 103, {});
  wire.handler.onResponseStart(wire.controller, 201, {});
  expect((await asked).status).toBe(201);
});

test('chunks received before a break are read first, then the break', async () => {
  const { wire, from } = await headed();
  wire.handler.onResponseData(wire.controller, Buffer.from('a'));
  wire.handler.onResponseError(wire.controller, new Error('gone'));
  expect(String(await from.body.read())).toBe('a');
  expect((await failure(from.body.read())).attemptCause).toBe('interrupted');
});

test('a drained exchange reads a short rest and cuts a long one', async () => {
  const short = await headed();
  short.from.drain();
  short.wire.handler.onResponseData(short.wire.controller, Buffer.alloc(9));
  short.wire.handler.onResponseEnd(short.wire.controller, {});
  await vi.advanceTimersByTimeAsync(5000);
  expect(short.wire.calls).not.toContain('abort');
  const long = await headed();
  long.from.drain();
  await vi.advanceTimersByTimeAsync(1000 + TURNS_MS);
  expect(long.wire.calls).toContain('abort');
});

test('no listener stays on a signal that outlives many requests', async () => {
  const abort = new AbortController();
  const added = vi.spyOn(abort.signal, 'addEventListener');
  const removed = vi.spyOn(abort.signal, 'removeEventListener');
  const { wire, from } = await headed({ abort: abort.signal });
  wire.handler.onResponseEnd(wire.controller, {});
  await from.body.read();
  expect(removed).toHaveBeenCalledTimes(added.mock.calls.length);
  expect(vi.getTimerCount()).toBe(0);
});
