import { expect, test } from 'vitest';
import type { JsonObject } from '../lib/json.ts';
import { tokensAsked } from './tokens-asked.ts';

const asked = (body: JsonObject): number => tokensAsked({ payload: Buffer.alloc(40), body });

test.each<readonly [JsonObject, number]>([
  [{}, 266],
  [{ max_tokens: 5 }, 15],
  [{ max_output_tokens: 6 }, 16],
  [{ max_completion_tokens: 7, max_tokens: 5 }, 17],
  [{ max_completion_tokens: null, max_tokens: 5 }, 15],
  [{ max_completion_tokens: -1 }, 266],
])('%j takes %i tokens', (body, tokens) => {
  expect(asked(body)).toBe(tokens);
});
