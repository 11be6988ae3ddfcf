import { expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import type { Call } from '../core/call.ts';
import type { Answer, StreamEvent } from '../core/upstream.ts';
import type { JsonObject } from '../lib/json.ts';
import { embeddingsAnswer, textAnswer, textEvents, type TextEnd } from './chat-answer.ts';
import { eachProducedText } from './produced-text.ts';
import { completeness } from './stream-end.ts';
import { reportedUsage } from './usage.ts';

const END: TextEnd = {
  finish: 'length',
  usage: { inputTokens: 7, cachedInputTokens: 2, outputTokens: 5 },
};
const READ = { inputTokens: 7, cachedInputTokens: 2, outputTokens: 5 };

function bodyOf(answer: Answer): JsonObject {
  if (answer.kind !== 'whole') throw new Error('It is whole.');
  expect(JSON.parse(Buffer.from(answer.bytes).toString())).toEqual(answer.body);
  return answer.body;
}

function producedBy(bodies: readonly JsonObject[]): string {
  let all = '';
  for (const body of bodies) eachProducedText(body, { take: (text) => void (all += text) });
  return all;
}

function events(asked: Call): readonly StreamEvent[] {
  const write = textEvents(asked, 'm');
  return [...write.opening(), write.text('Hel'), write.text('lo'), ...write.ending(END)];
}

const dataOf = (all: readonly StreamEvent[]): readonly JsonObject[] =>
  all.flatMap(({ data }) => (data === undefined ? [] : [data]));

test.each(['chat', 'text_completion'] as const)(
  '%s: the whole answer and the stream say the same to whoever reads them',
  (operation) => {
    const asked = call({ operation, stream: true, wantsUsage: true });
    const whole = bodyOf(textAnswer(asked, 'm', 'Hello', END));
    const chunks = dataOf(events(asked));
    expect(producedBy([whole])).toBe('Hello');
    expect(producedBy(chunks)).toBe('Hello');
    expect(reportedUsage(whole)).toMatchObject(READ);
    expect(reportedUsage(chunks.at(-1) ?? {})).toMatchObject(READ);
    expect(new Set(chunks.map(({ id }) => id))).toEqual(new Set([whole['id']]));
    const end = completeness(operation, 'req_1');
    for (const chunk of chunks) end.see(chunk);
    expect(end.isComplete()).toBe(true);
  },
);

test('usage that the caller did not ask for is kept beside the bytes, not in them', () => {
  const all = events(call({ stream: true }));
  expect(reportedUsage(dataOf(all).at(-1) ?? {})).toMatchObject(READ);
  expect(all.map(({ bytes }) => Buffer.from(bytes).toString()).join('')).not.toContain('usage');
});

test('embeddings are numbers, or base64 of the same as little-endian floats', () => {
  const result = { vectors: [Float32Array.of(0.5, -2)], promptTokens: 3 };
  const numbers = bodyOf(embeddingsAnswer(call({ operation: 'embeddings' }), 'm', result));
  expect(numbers).toMatchObject({ data: [{ index: 0, embedding: [0.5, -2] }], model: 'm' });
  const asked = call({ operation: 'embeddings', body: { encoding_format: 'base64' } });
  const bytes = Buffer.from(Uint8Array.of(0, 0, 0, 63, 0, 0, 0, 192));
  expect(bodyOf(embeddingsAnswer(asked, 'm', result))).toMatchObject({
    data: [{ embedding: bytes.toString('base64') }],
  });
});
