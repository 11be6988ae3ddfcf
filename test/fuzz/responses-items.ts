/** Items of `/v1/responses`: to a cloud that takes them as they are, and to a model that is asked in chat. */
import fc from 'fast-check';
import type { Json } from '../../src/lib/json.ts';
import { startFuzzedGateway } from './fuzzed-gateway.ts';
import type { FuzzTarget } from './target.ts';
import { jsonTexts, odd, openaiSchemas, valuesOf } from './values.ts';

const items = fc.oneof(
  { weight: 6, arbitrary: valuesOf(openaiSchemas, 'InputItem') },
  { weight: 2, arbitrary: valuesOf(openaiSchemas, 'InputMessage') },
  { weight: 1, arbitrary: odd },
);

const body = fc.record(
  {
    model: fc.constantFrom('auto', 'local/slm', 'cloud/gpt-4o'),
    input: fc.array(items, { maxLength: 5 }),
    stream: fc.boolean(),
    store: fc.boolean(),
    previous_response_id: fc.oneof(fc.constantFrom('resp_1', 'resp_'), odd),
    instructions: fc.oneof(fc.string({ maxLength: 9 }), odd),
    tools: fc.array(valuesOf(openaiSchemas, 'Tool'), { maxLength: 2 }),
    tool_choice: valuesOf(openaiSchemas, 'ToolChoiceParam'),
    text: valuesOf(openaiSchemas, 'ResponseTextParam'),
  },
  { requiredKeys: ['model', 'input', 'stream'] },
);

export const responsesItems: FuzzTarget = {
  name: 'responses-items',
  run: async (running) => {
    const gateway = await startFuzzedGateway({ local: { without: ['/responses'] } });
    await fc.assert(
      fc.asyncProperty(jsonTexts(body as fc.Arbitrary<Json>), async (text) => {
        await gateway.ask({ path: '/v1/responses', body: text });
      }),
      running,
    );
    await gateway.close();
  },
};
