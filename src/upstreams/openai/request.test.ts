import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Call } from '../../core/call.ts';
import { spliceJson } from '../../lib/json-splice.ts';
import { requestBody } from './request.ts';

const sentFor = (text: string, model: string): string => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is read of a call here
  const call = {
    operation: 'chat',
    body: {},
    payload: Buffer.from(text),
    stream: false,
  } as unknown as Call;
  return requestBody(call, { model, rewrites: [], asksUsage: false }).toString();
};

test('a model that stands first is replaced as it is anywhere else', () => {
  const rest = fc.json().map((value) => `,"messages":${value}}`);
  const model = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(model, model, fc.oneof(rest, fc.constant('}')), (asked, given, end) => {
      const text = `{"model":${JSON.stringify(asked)}${end}`;
      const plainly = spliceJson(Buffer.from(text), { model: JSON.stringify(given) });
      expect(sentFor(text, given)).toBe(plainly.toString());
    }),
  );
});

test.each([
  '{ "model": "auto" }',
  '{"n":1,"model":"auto"}',
  '{"model":null}',
  '{}',
  '{"model":"\\u0061"}',
])('a model elsewhere, of another kind or written with escapes is replaced too: %s', (text) => {
  expect(JSON.parse(sentFor(text, 'other'))).toMatchObject({ model: 'other' });
});
