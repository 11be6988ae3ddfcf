import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { failure } from '../../../test/support/ask-upstream.ts';
import { wired } from '../../../test/support/wired-exchange.ts';
import type { Exchange, ExchangeOptions } from './exchange.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Asked for whole, and its head has come. */
function gathering(over: Partial<ExchangeOptions> = {}, headers = {}) {
  const { wire, asked } = wired({ isWhole: true, ...over });
  wire.handler.onRequestStart(wire.controller, {});
  wire.handler.onResponseStart(wire.controller, 200, headers);
  return { wire, asked };
}

test('a short answer that is read whole is given once its end is there, in its turn', async () => {
  const gone: (() => void)[] = [];
  const turns = { pass: (goOn: () => void) => void gone.push(goOn) };
  const { wire, asked } = gathering({ turns });
  const given = vi.fn<(from: Exchange) => void>();
  const reading = asked.then(given);
  for (const text of ['a', 'b']) wire.handler.onResponseData(wire.controller, Buffer.from(text));
  await Promise.resolve();
  expect(given).not.toHaveBeenCalled();
  wire.handler.onResponseEnd(wire.controller, {});
  await Promise.resolve();
  expect(given).not.toHaveBeenCalled();
  gone[0]?.();
  await reading;
  expect(String((await asked).gathered())).toBe('ab');
  expect((await asked).gathered()).toBeUndefined();
});

test.each([
  ['an error', 500, {}],
  ['a stream of events', 200, { 'content-type': 'text/event-stream' }],
  ['a compressed one', 200, { 'content-encoding': 'gzip' }],
])('%s is given with its head', async (_what, status, headers) => {
  const { wire, asked } = wired({ isWhole: true });
  wire.handler.onRequestStart(wire.controller, {});
  wire.handler.onResponseStart(wire.controller, status, headers);
  const from = await asked;
  wire.handler.onResponseData(wire.controller, Buffer.from('a'));
  wire.handler.onResponseEnd(wire.controller, {});
  expect(from.gathered()).toBeUndefined();
  expect(String(await from.body.read())).toBe('a');
});

test('a long one is read as it comes, from its first byte on', async () => {
  const { wire, asked } = gathering();
  const block = Buffer.alloc(40_000, 'a');
  for (let i = 0; i < 3; i += 1) wire.handler.onResponseData(wire.controller, block);
  const from = await asked;
  wire.handler.onResponseEnd(wire.controller, {});
  expect(from.gathered()).toBeUndefined();
  let size = 0;
  for (let chunk = await from.body.read(); chunk; chunk = await from.body.read())
    size += chunk.length;
  expect(size).toBe(120_000);
});

test('an answer that is waited for to its end may be silent no longer than one that is read', async () => {
  const { wire, asked } = gathering();
  const failed = failure(asked);
  await vi.advanceTimersByTimeAsync(900);
  for (let i = 0; i < 3; i += 1) {
    wire.handler.onResponseData(wire.controller, Buffer.from('a'));
    await vi.advanceTimersByTimeAsync(90);
  }
  expect(wire.calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(20);
  expect((await failed).attemptCause).toBe('timeout');
  expect(wire.calls).toEqual(['abort']);
});

test('what breaks before its end is no answer', async () => {
  const { wire, asked } = gathering();
  wire.handler.onResponseData(wire.controller, Buffer.from('a'));
  wire.handler.onResponseError(wire.controller, new Error('reset'));
  expect((await failure(asked)).attemptCause).toBe('interrupted');
});
