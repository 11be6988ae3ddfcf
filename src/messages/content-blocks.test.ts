import { expect, test } from 'vitest';
import { isObject, textIn, type JsonObject } from '../lib/json.ts';
import type { CallPiece } from '../wire/chat-choice.ts';
import { blockWriter, inputOf, rendered } from './content-blocks.ts';

const writer = () => blockWriter((given) => given || 'made');

const piece = (index: number, args: string, id = '', name = ''): CallPiece => ({
  index,
  id,
  name,
  args,
});

/** `index+` where a block starts, `index:text` for a piece of it, `index.` where it stops. */
const shown = (events: readonly JsonObject[]): string =>
  events
    .map(({ type, index, delta }) => {
      const at = JSON.stringify(index);
      if (type === 'content_block_start') return `${at}+`;
      if (type === 'content_block_stop') return `${at}.`;
      const said = isObject(delta) ? delta : {};
      return `${at}:${textIn(said['text'] ?? said['thinking'] ?? said['partial_json'])}`;
    })
    .join(' ');

test('thinking, text and a call are blocks one after the other', () => {
  const write = writer();
  write.text('thinking', 'Hm.');
  write.text('text', 'I ');
  write.text('text', 'look.');
  write.call(piece(0, '{"a":', 'c1', 'f'));
  write.call(piece(0, '1}'));
  write.end();
  expect(shown(write.drain())).toBe('0+ 0:Hm. 0. 1+ 1:I  1:look. 1. 2+ 2:{"a": 2:1} 2.');
  expect(write.blocks.map(rendered)).toEqual([
    { type: 'thinking', thinking: 'Hm.', signature: '' },
    { type: 'text', text: 'I look.' },
    { type: 'tool_use', id: 'c1', name: 'f', input: { a: 1 } },
  ]);
});

test('calls whose pieces come in turns are written one after the other, at once where that can be', () => {
  const write = writer();
  write.call(piece(0, '', 'c1', 'f'));
  write.call(piece(1, '', 'c2', 'g'));
  write.call(piece(0, '{"a"'));
  write.call(piece(1, '{"b":2}'));
  expect(shown(write.drain())).toBe('0+ 0:{"a"');
  write.call(piece(0, ':1}'));
  expect(shown(write.drain())).toBe('0::1} 0. 1+ 1:{"b":2}');
  write.end();
  expect(shown(write.drain())).toBe('1.');
});

test('two calls with one index are two, if they have ids of their own', () => {
  const write = writer();
  write.call(piece(0, '{}', 'c1', 'f'));
  write.call(piece(0, '{}', 'c2', 'f'));
  write.end();
  expect(write.blocks.map(rendered)).toMatchObject([{ id: 'c1' }, { id: 'c2' }]);
});

test('a call without an id is given one, and waits for its name', () => {
  const write = writer();
  write.call(piece(0, '{'));
  expect(write.drain()).toEqual([]);
  write.call(piece(0, '}', '', 'f'));
  write.end();
  const [start] = write.drain();
  expect(start).toMatchObject({ content_block: { type: 'tool_use', id: 'made', name: 'f' } });
});

test.each([
  ['', {}],
  [' ', {}],
  ['{"a":[1]}', { a: [1] }],
  ['[1]', undefined],
  ['{"a":', undefined],
])('the arguments %j are %j', (args, input) => {
  expect(inputOf(args)).toEqual(input);
});
