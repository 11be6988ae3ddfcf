import { expect, test } from 'vitest';
import { conforms } from '../../test/support/openai-schemas.ts';
import {
  drain,
  events,
  responsesHarness,
  types,
  whole,
} from '../../test/support/responses-harness.ts';
import { chunk, completion, usageChunk } from '../../test/support/scripted-chat.ts';
import type { JsonObject } from '../lib/json.ts';
import { draftReader } from '../wire/draft.ts';

const RUN = { type: 'custom', name: 'run', description: 'Runs a command.' };
const ASKED = { model: 'auto', input: 'Run it', tools: [RUN] };

const called = (args: string): JsonObject => ({
  id: 'c1',
  type: 'function',
  function: { name: 'run', arguments: args },
});

const ITEM = { type: 'custom_tool_call', call_id: 'c1', name: 'run', input: 'ls -l' };

test('a custom call is an item of its own, and is sent back as one', async () => {
  const { upstream, inner } = responsesHarness({
    whole: completion({ content: null, tool_calls: [called('{"input":"ls -l"}')] }, 'tool_calls'),
  });
  const body = await whole(upstream, { ...ASKED, tool_choice: { type: 'custom', name: 'run' } });
  expect(conforms('response', body)).toEqual([]);
  expect(body).toMatchObject({ output: [ITEM], tools: [{ ...RUN, format: { type: 'text' } }] });
  const sent = inner.asked[0]!.call.body;
  expect(sent).toMatchObject({
    tools: [{ type: 'function', function: { name: 'run', description: 'Runs a command.' } }],
    tool_choice: { type: 'function', function: { name: 'run' } },
  });

  const output = { type: 'custom_tool_call_output', call_id: 'c1', output: 'a.txt' };
  await whole(upstream, { ...ASKED, previous_response_id: body['id'] ?? '', input: [output] });
  expect(inner.asked[1]!.call.body['messages']).toEqual([
    { role: 'user', content: 'Run it' },
    { role: 'assistant', content: null, tool_calls: [called('{"input":"ls -l"}')] },
    { role: 'tool', tool_call_id: 'c1', content: 'a.txt' },
  ]);
});

test('a streamed custom call has events of its own', async () => {
  const { upstream } = responsesHarness({
    chunks: [
      chunk({ role: 'assistant', content: 'Now.' }),
      chunk({ tool_calls: [{ ...called(''), index: 0 }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"input":"ls' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: ' -l"}' } }] }),
      chunk({}, 'tool_calls'),
      usageChunk,
    ],
  });
  const seen = await drain(await events(upstream, ASKED));
  for (const event of seen) expect(conforms('response event', event)).toEqual([]);
  expect(types(seen).slice(-6)).toEqual([
    'response.output_item.done',
    'response.output_item.added',
    'response.custom_tool_call_input.delta',
    'response.custom_tool_call_input.done',
    'response.output_item.done',
    'response.completed',
  ]);
  const draft = draftReader('responses');
  for (const event of seen) draft?.observe(event);
  expect(draft?.said.calls.filter(Boolean)).toEqual([{ name: 'run', args: 'ls -l' }]);
});
