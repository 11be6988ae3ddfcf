import fc from 'fast-check';
import { _iterSSEMessages } from 'openai/core/streaming';
import { expect, test } from 'vitest';
import { SseEventTooLarge, sseSplitter, type SseEvent } from './sse.ts';

/** Every event, the unfinished one last. */
function split(chunks: readonly Buffer[], maxEventBytes?: number): SseEvent[] {
  const splitter = sseSplitter(maxEventBytes);
  const events = chunks.flatMap((chunk) => [...splitter.push(chunk)]);
  const rest = splitter.end();
  return rest === undefined ? events : [...events, rest];
}

const splitText = (text: string): SseEvent[] => split([Buffer.from(text)]);
const dataOf = (events: readonly SseEvent[]): string[] =>
  events.flatMap(({ data }) => (data === undefined ? [] : [data]));

test('plain events have the same bytes that went in', () => {
  const text = 'data: {"a":1}\n\nevent: x\ndata: {"b":"ü"}\n\ndata: [DONE]\n\n';
  const events = splitText(text);
  expect(dataOf(events)).toEqual(['{"a":1}', '{"b":"ü"}', '[DONE]']);
  expect(Buffer.concat(events.map(({ bytes }) => bytes)).toString()).toBe(text);
  expect(events.every(({ isPlain }) => isPlain)).toBe(true);
  expect(events[1]?.name).toBe('x');
});

test('an event within one chunk is a view of it, not a copy', () => {
  const chunk = Buffer.from('data: 1\n\ndata: 2\n\n');
  const [first] = sseSplitter().push(chunk);
  expect(first?.bytes.buffer).toBe(chunk.buffer);
});

test.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
])('lines may end in %s, and chunks fall at every byte', (_name, eol) => {
  const text = `: hello${eol}${eol}event: a${eol}data: ä1${eol}data:2${eol}${eol}data:3${eol}id: 7${eol}${eol}data${eol}${eol}`;
  const bytes = Buffer.from(text);
  for (let at = 0; at <= bytes.length; at += 1) {
    const events = split([bytes.subarray(0, at), bytes.subarray(at)]);
    expect(dataOf(events)).toEqual(['ä1\n2', '3', '']);
    expect(events.find(({ data }) => data === 'ä1\n2')?.name).toBe('a');
  }
  const single = Array.from(bytes, (byte) => Buffer.from([byte]));
  expect(dataOf(split(single))).toEqual(['ä1\n2', '3', '']);
});

test('an event that not every client reads is not plain', () => {
  for (const text of [
    'data:1\n\n',
    'data: 1\r\n\r\n',
    'data: 1\ndata: 2\n\n',
    ': c\ndata: 1\n\n',
    'id: 1\ndata: 1\n\n',
  ]) {
    expect(splitText(text)[0]?.isPlain, JSON.stringify(text)).toBe(false);
  }
});

test('a byte order mark is skipped, but only at the beginning', () => {
  expect(dataOf(splitText('\uFEFFdata: 1\n\n\uFEFFdata: 2\n\n'))).toEqual(['1']);
});

test('the last event may lack its blank line, and is marked', () => {
  expect(splitText('data: 1\n\ndata: 2').at(-1)).toMatchObject({ data: '2', isPlain: false });
  expect(splitText('data: 1\n\ndata: 2\n').at(-1)).toMatchObject({ data: '2', isPlain: false });
  expect(splitText('data: 1\n\n: bye').length).toBe(1);
});

test('an event above the cap fails, in one chunk and in many', () => {
  const large = Buffer.from(`data: ${'x'.repeat(100)}\n\n`);
  expect(() => split([large], 50)).toThrow(SseEventTooLarge);
  const bytewise = Array.from(large, (byte) => Buffer.from([byte]));
  expect(() => split(bytewise, 50)).toThrow(SseEventTooLarge);
  expect(split([large], large.length)).toHaveLength(1);
});

const eol = fc.constantFrom('\n', '\r\n', '\r');
const value = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map((text) => text.replace(/[\r\n]/g, ''));
const line = fc.oneof(
  value.map((text) => `data: ${text}`),
  value.map((text) => `data:${text}`),
  value.map((text) => `: ${text}`),
  fc.constantFrom('id: 1', 'retry: 5', 'data', 'event: ping'),
);
const stream = fc
  .array(fc.tuple(fc.array(line, { minLength: 1, maxLength: 4 }), eol), { maxLength: 6 })
  .map((events) => events.map(([lines, end]) => [...lines, '', ''].join(end)).join(''));
const cuts = fc.array(fc.nat(), { maxLength: 8 });

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted(
    (a, b) => a - b,
  );
  return [0, ...sorted].map((from, i) => bytes.subarray(from, sorted[i] ?? bytes.length));
}

test('a stream has the same events however it is cut', () => {
  fc.assert(
    fc.property(stream, cuts, (text, places) => {
      const bytes = Buffer.from(text);
      const key = ({ data, name }: SseEvent): unknown => [data, name];
      const known = split([bytes])
        .map(key)
        .filter((pair) => JSON.stringify(pair) !== '[null,null]');
      const found = split(cut(bytes, places))
        .map(key)
        .filter((pair) => JSON.stringify(pair) !== '[null,null]');
      expect(found).toEqual(known);
    }),
    { numRuns: 1000 },
  );
});

test("reads what OpenAI's own SDK reads", async () => {
  await fc.assert(
    fc.asyncProperty(stream, cuts, async (text, places) => {
      const bytes = Buffer.from(text);
      const body = new ReadableStream({
        start: (controller) => {
          for (const chunk of cut(bytes, places)) controller.enqueue(new Uint8Array(chunk));
          controller.close();
        },
      });
      const theirs: string[] = [];
      for await (const event of _iterSSEMessages(new Response(body), new AbortController())) {
        theirs.push(event.data);
      }
      // The SDK also reports an event that has a name and no data; the standard does not.
      expect(dataOf(split([bytes])).filter((data) => data !== '')).toEqual(
        theirs.filter((data) => data !== ''),
      );
    }),
    { numRuns: 500 },
  );
});
