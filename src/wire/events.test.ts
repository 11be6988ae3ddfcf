import { expect, test } from 'vitest';
import { DATA_OFFSET, dataEvent, DONE, frame, namedEvent } from './events.ts';
import { sseSplitter } from './sse.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('an event is read back as it was written, each with a blank line', () => {
  const data = { type: 'response.created', text: 'two\nlines' };
  for (const event of [dataEvent(data), namedEvent(data)]) {
    const [read, ...more] = sseSplitter().push(Buffer.from(event.bytes));
    expect(more).toEqual([]);
    expect(read?.isPlain).toBe(true);
    expect(JSON.parse(read?.data ?? '')).toEqual(event.data);
  }
  expect(text(namedEvent(data).bytes)).toMatch(/^event: response\.created\ndata: \{/);
  expect(DONE).toEqual({ bytes: Buffer.from('data: [DONE]\n\n'), done: true });
});

test('JSON in bytes is framed as it stands', () => {
  const json = Buffer.from('{"a":  1.50}');
  expect(text(frame(json, undefined))).toBe('data: {"a":  1.50}\n\n');
  expect(text(frame(json, 'error'))).toBe('event: error\ndata: {"a":  1.50}\n\n');
  expect(frame(json, undefined).subarray(DATA_OFFSET, -2)).toEqual(json);
});
