import { test } from 'vitest';
import { expectTextAlike } from '../../test/support/text-alike.ts';
import { translation } from './from-chat.ts';

function fresh() {
  let ids = 0;
  const newId = (prefix: string): string => `${prefix}_${(ids += 1)}`;
  return translation({ request: {}, id: 'msg_1', model: 'm', newId });
}

const call = { index: 0, id: 'call_1', function: { name: 'f', arguments: '{' } };

test('a text by itself is written as the chunk that brings it', () => {
  expectTextAlike(fresh, { tool_calls: [call] });
});
