import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StreamEvent } from '../core/upstream.ts';
import { eventWriter } from './stream.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The members of Node's response that a writer uses, and what it was given. */
function response(): { outgoing: ServerResponse; written: string[]; head: () => unknown } {
  const written: string[] = [];
  let head: unknown;
  const outgoing = {
    headersSent: false,
    writableEnded: false,
    destroyed: false,
    writableLength: 0,
    writeHead: (_status: number, headers: unknown) => {
      head = headers;
      outgoing.headersSent = true;
    },
    flushHeaders: () => {},
    write: (bytes: Uint8Array) => {
      written.push(Buffer.from(bytes).toString());
      return true;
    },
    end: (last = '') => {
      written.push(last);
      outgoing.writableEnded = true;
    },
    once: () => outgoing,
  };
  // Nothing else is used.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { outgoing: outgoing as unknown as ServerResponse, written, head: () => head };
}

const COMMENT = ': keep-alive\n\n';
const event: StreamEvent = { bytes: Buffer.from('data: {}\n\n'), data: {} };

test('a caller gets comments, and headers, while the model has not begun for ten minutes', async () => {
  const { outgoing, written, head } = response();
  eventWriter(outgoing, 'chat', { keepAliveMs: 8000, early: () => ({ 'x-request-id': 'r1' }) });
  await vi.advanceTimersByTimeAsync(7999);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(head()).toMatchObject({ 'content-type': expect.any(String), 'x-request-id': 'r1' });
  await vi.advanceTimersByTimeAsync(600_000);
  expect(written).toEqual(Array.from({ length: 76 }, () => COMMENT));
});

test('silence between two events is filled too, and none follows the end', async () => {
  const { outgoing, written } = response();
  const writer = eventWriter(outgoing, 'chat', { keepAliveMs: 8000, early: () => ({}) });
  const steps = [0, 20_000];
  const pumped = writer.pump({
    next: () =>
      new Promise((resolve) => {
        const waitMs = steps.shift();
        if (waitMs === undefined) resolve({ done: true, value: undefined });
        else setTimeout(() => resolve({ done: false, value: event }), waitMs);
      }),
  });
  await vi.advanceTimersByTimeAsync(20_000);
  await pumped;
  await vi.advanceTimersByTimeAsync(60_000);
  const data = 'data: {}\n\n';
  expect(written).toEqual([data, COMMENT, COMMENT, data, '']);
  expect(vi.getTimerCount()).toBe(0);
});
