import { expect, test } from 'vitest';
import { demandsOf } from './demands.ts';

const SCHEMA = { type: 'object' };

test('JSON is demanded in the place of each API', () => {
  const chat = (format: object) => demandsOf('chat', { response_format: { ...format } });
  expect(chat({ type: 'text' })).toEqual({ json: 'no', tools: [] });
  expect(chat({ type: 'json_object' }).json).toBe('object');
  expect(chat({ type: 'json_schema', json_schema: { name: 'a', schema: SCHEMA } })).toMatchObject({
    json: 'schema',
    schema: SCHEMA,
  });
  expect(chat({ type: 'json_schema', json_schema: { name: 'a' } }).json).toBe('object');
  const format = { type: 'json_schema', name: 'a', schema: SCHEMA };
  expect(demandsOf('responses', { text: { format } })).toMatchObject({
    json: 'schema',
    schema: SCHEMA,
  });
  expect(demandsOf('responses', { response_format: format }).json).toBe('no');
});

test('tools are read in the form of each API', () => {
  const plain = { name: 'trip', isFunction: true };
  const full = { ...plain, schema: SCHEMA };
  expect(
    demandsOf('chat', {
      tools: [{ type: 'function', function: { name: 'trip', parameters: SCHEMA } }],
      functions: [{ name: 'trip' }],
    }).tools,
  ).toEqual([full, plain]);
  expect(
    demandsOf('responses', {
      tools: [
        { type: 'function', name: 'trip', parameters: SCHEMA },
        { type: 'web_search', name: 'w' },
      ],
    }).tools,
  ).toEqual([full, { name: 'w', isFunction: false }]);
  const custom = { type: 'custom', custom: { name: 'run' } };
  expect(demandsOf('chat', { tools: [custom] }).tools).toEqual([
    { name: 'run', isFunction: false },
  ]);
  const choice = { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'b' }] };
  const two = ['a', 'b'].map((name) => ({ type: 'function', name }));
  expect(demandsOf('responses', { tools: two, tool_choice: choice }).tools).toEqual([
    { name: 'b', isFunction: true },
  ]);
  expect(demandsOf('messages', { tools: [{ name: 'trip', input_schema: SCHEMA }] }).tools).toEqual([
    full,
  ]);
});

test.each([
  [undefined, undefined],
  ['auto', undefined],
  ['required', {}],
  [{ type: 'any' }, {}],
  [{ type: 'none' }, undefined],
  [{ type: 'function', function: { name: 'trip' } }, { name: 'trip' }],
  [{ type: 'function', name: 'trip' }, { name: 'trip' }],
  [{ type: 'tool', name: 'trip' }, { name: 'trip' }],
  [{ type: 'function' }, {}],
  [{ type: 'custom', custom: { name: 'trip' } }, { name: 'trip' }],
  [{ type: 'allowed_tools', mode: 'auto', tools: [] }, undefined],
  [{ type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [] } }, {}],
])('the choice %j of a tool', (choice, mustCall) => {
  const body = choice === undefined ? {} : { tool_choice: choice };
  expect(demandsOf('chat', body).mustCall).toEqual(mustCall);
});
