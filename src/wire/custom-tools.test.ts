import { expect, test } from 'vitest';
import { allowedTools, canBeFunction, chatCustomTool, customTool } from './custom-tools.ts';

const regex = (definition: string) => ({ syntax: 'regex', definition });

test('a custom tool is read in both shapes, and written in that of chat', () => {
  const grammar = { syntax: 'lark', definition: 'start: "a"' };
  const inChat = {
    type: 'custom',
    custom: { name: 'run', description: 'Runs.', format: { type: 'grammar', grammar } },
  };
  const inResponses = {
    type: 'custom',
    name: 'run',
    description: 'Runs.',
    format: { type: 'grammar', ...grammar },
  };
  const read = { name: 'run', description: 'Runs.', grammar };
  expect([customTool(inChat), customTool(inResponses)]).toEqual([read, read]);
  expect(chatCustomTool(read)).toEqual(inChat);
  expect(customTool({ type: 'function', name: 'f' })).toBeUndefined();
  expect(customTool({ type: 'custom', name: 'f', format: { type: 'text' } })).toEqual({
    name: 'f',
    description: '',
  });
});

test.each([
  ['none', undefined, true],
  ['a regular expression', regex('^[a-z ]+$'), true],
  ['one that repeats groups', regex('(a+)+'), true],
  ['one that looks around', regex('a(?=b)'), false],
  ['a Lark grammar', { syntax: 'lark', definition: 'start: "a"' }, true],
  ['one that imports others', { syntax: 'lark', definition: '%import x.Y\nstart: Y' }, false],
  ['one of another syntax', { syntax: 'gbnf', definition: 'root ::= "a"' }, false],
])('%s can be checked here: %s %s', (_, grammar, can) => {
  expect(canBeFunction({ name: 'f', description: '', ...(grammar && { grammar }) })).toBe(can);
});

test('allowed tools are those that are named, by type and name', () => {
  const f = { type: 'function', function: { name: 'f' } };
  const own = { type: 'custom', custom: { name: 'f' } };
  const search = { type: 'web_search' };
  const tools = [f, own, search];
  const named = [{ type: 'custom', custom: { name: 'f' } }, { type: 'web_search' }];
  const inChat = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: named } };
  expect(allowedTools({ tools, tool_choice: inChat })).toEqual({
    tools: [own, search],
    mode: 'required',
  });
  const inResponses = {
    type: 'allowed_tools',
    mode: 'auto',
    tools: [{ type: 'function', name: 'f' }],
  };
  expect(allowedTools({ tools, tool_choice: inResponses })).toEqual({ tools: [f], mode: 'auto' });
  expect(allowedTools({ tools, tool_choice: 'auto' })).toBeUndefined();
  expect(allowedTools({ tools, tool_choice: { type: 'allowed_tools' } })).toBeUndefined();
});
