import { expect, test } from 'vitest';
import { UpstreamError } from '../../core/errors.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import { call } from '../../../test/support/call.ts';
import { vectorChanges } from './vectors.ts';

const changes = (body: JsonObject, asked: JsonObject = { input: 'hi' }): JsonObject =>
  vectorChanges(body, call({ operation: 'embeddings', body: asked }), {
    model: 'm',
    upstream: 'up',
  });
const full = (...vectors: readonly Json[]): JsonObject => ({
  object: 'list',
  model: 'm',
  data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
});

test('they come in the encoding that was asked for', () => {
  const base64 = Buffer.from(new Float32Array([0.5, -2]).buffer).toString('base64');
  const text = { input: 'hi', encoding_format: 'base64' };
  expect(changes(full([0.5, -2]), text)).toMatchObject({ data: [{ index: 0, embedding: base64 }] });
  expect(changes(full(base64), { input: 'hi', encoding_format: 'float' })).toMatchObject({
    data: [{ embedding: [0.5, -2] }],
  });
  expect(changes(full(base64))).toMatchObject({ data: [{ embedding: [0.5, -2] }] });
  expect(changes(full(base64), text)).toEqual({});
  expect(changes(full([0.5, -2]))).toEqual({});
});

test('they come in the order of their inputs, with all members', () => {
  const { data } = full([1], [2], [3]);
  const turned = { object: 'list', model: 'm', data: Array.isArray(data) ? data.toReversed() : [] };
  expect(changes(turned, { input: ['a', 'b', 'c'] })).toEqual({ data });
  expect(
    changes({ data: [{ embedding: [1] }, { embedding: [2] }] }, { input: ['a', 'b'] }),
  ).toEqual(full([1], [2]));
});

test.each<[string, Json, JsonObject]>([
  ['a text', 'hi', full([1])],
  ['token numbers', [1, 2, 3], full([1])],
  ['lists of token numbers', [[1, 2], [3]], full([1], [2])],
])('%s has as many as it is inputs', (_what, input, body) => {
  expect(changes(body, { input })).toEqual({});
});

test.each<[string, JsonObject, Json]>([
  ['too few', full([1]), ['a', 'b']],
  ['too many', full([1], [2]), 'a'],
  ['no numbers', full([1, null]), 'a'],
  ['nothing', full([]), 'a'],
  ['an empty text', full(''), 'a'],
])('%s is no answer', (_what, body, input) => {
  expect(() => changes(body, { input })).toThrow(UpstreamError);
});
