/** Instructor: values of a schema out of a chat, in each of its modes. */
import Instructor from '@instructor-ai/instructor';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod/v3';
import { mark } from '../support/mock-upstream.ts';
import { startTarget, type Target } from './support/target.ts';

let target: Target;
let client: OpenAI;

beforeAll(async () => {
  target = await startTarget();
  client = new OpenAI({ baseURL: target.url, apiKey: target.apiKey, maxRetries: 0 });
});
afterAll(() => target.close());

const Person = z.object({ name: z.string(), age: z.number() });
const response_model = { schema: Person, name: 'Person' };
const VALUE = '{"name":"Ann","age":44}';
const messages = (content: string) => [{ role: 'user' as const, content }];

const MODES = ['TOOLS', 'FUNCTIONS', 'JSON', 'JSON_SCHEMA', 'MD_JSON'] as const;

/** What a model says in each mode, for a mode whose schema the mock cannot see. */
const saying = (mode: (typeof MODES)[number]) =>
  mode === 'MD_JSON'
    ? mark({
        kind: 'answer',
        pieces: ['```', 'json', '\n', '{"name":', '"Ann",', '"age":', '44}', '\n', '```'],
      })
    : mode === 'JSON' || mode === 'JSON_SCHEMA'
      ? mark({ kind: 'answer', text: VALUE })
      : 'who?';

describe.each(MODES)('mode %s', (mode) => {
  const instructor = () => Instructor({ client, mode });

  test('gives a value of the schema', async () => {
    const person = await instructor().chat.completions.create({
      model: target.model,
      messages: messages(saying(mode)),
      response_model,
    });
    expect(Person.safeParse(person).success).toBe(true);
  });

  // Its parser of streamed Markdown wants the fence and the JSON cut in its own way.
  test.skipIf(mode === 'MD_JSON')(
    'streams partial values that end in one of the schema',
    async () => {
      const stream = await instructor().chat.completions.create({
        model: target.model,
        messages: messages(saying(mode)),
        response_model,
        stream: true,
      });
      let last: unknown;
      let pieces = 0;
      for await (const partial of stream) {
        last = partial;
        pieces += 1;
      }
      expect(pieces).toBeGreaterThan(0);
      expect(Person.safeParse(last).success).toBe(true);
    },
  );

  test('an error of the upstream is thrown', async () => {
    const asked = instructor().chat.completions.create({
      model: target.model,
      messages: messages(mark({ kind: 'error', status: 422 })),
      response_model,
      max_retries: 0,
    });
    await expect(asked).rejects.toMatchObject({ status: 422 });
  });
});

test('without a response model it is the plain client', async () => {
  const answer = await Instructor({ client, mode: 'TOOLS' }).chat.completions.create({
    model: target.model,
    messages: messages('hello'),
  });
  expect(answer).toHaveProperty('object', 'chat.completion');
});
