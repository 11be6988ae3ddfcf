import { expect, test } from 'vitest';
import type { StreamEvent } from '../core/upstream.ts';
import type { JsonObject } from '../lib/json.ts';
import { readChunks, type ChatReader } from './by-way-of-chat.ts';

const delta = (text: string): JsonObject => ({ type: 'delta', delta: text });

/** What it writes for a text by itself. */
const reader = (onText: (text: string) => readonly JsonObject[]): ChatReader => ({
  begin: () => [{ type: 'begun' }],
  push: () => [delta('read')],
  pushText: onText,
  finished: () => true,
});

const event = (text?: string): StreamEvent => ({
  bytes: Buffer.alloc(0),
  data: { model: 'm' },
  ...(text === undefined ? {} : { text }),
});

const textsOf = (events: StreamEvent | readonly StreamEvent[]): readonly unknown[] =>
  [events].flat().map(({ text }) => text);

test('a text alone stays one; the first chunk is read, and so is an event that something begins with', () => {
  const step = readChunks(() => reader((text) => [delta(text)]), { end: () => [] });
  expect(textsOf(step.push(event('first')))).toEqual([undefined, undefined]);
  expect(textsOf(step.push(event('next')))).toEqual(['next']);
  expect(textsOf(step.push(event()))).toEqual([undefined]);
  const begins = readChunks(() => reader((text) => [{ type: 'item' }, delta(text)]), {
    end: () => [],
  });
  begins.push(event());
  expect(textsOf(begins.push(event('new')))).toEqual([undefined, undefined]);
});
