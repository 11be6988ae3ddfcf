/** OpenAI's Agents SDK, by the Responses API (its default) and by chat completions. */
import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { mark } from '../support/mock-upstream.ts';
import { isGateway, startTarget, type Target } from './support/target.ts';

let target: Target;

beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

const Person = z.object({ name: z.string(), age: z.number() });
const weather = () => {
  const seen: unknown[] = [];
  const getWeather = tool({
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: z.object({ city: z.string() }),
    execute: (input) => {
      seen.push(input);
      return '21 degrees';
    },
  });
  return { seen, getWeather };
};

describe.each([
  { name: 'responses', useResponses: true },
  { name: 'chat completions', useResponses: false },
])('$name', ({ useResponses }) => {
  const runner = () =>
    new Runner({
      modelProvider: new OpenAIProvider({
        baseURL: target.url,
        apiKey: target.apiKey,
        useResponses,
      }),
      tracingDisabled: true,
    });
  const agent = (more: object = {}) =>
    new Agent({ name: 'helpful', instructions: 'be brief', model: target.model, ...more });

  test('a run ends in text', async () => {
    const result = await runner().run(agent(), 'hello');
    expect(result.finalOutput).toContain('hello');
  });

  test('usage is added up', async () => {
    const result = await runner().run(agent(), 'hello');
    expect(result.state.usage.totalTokens).toBeGreaterThan(0);
  });

  test('a streamed run gives pieces that make the text', async () => {
    const result = await runner().run(agent(), 'hello there', { stream: true });
    let text = '';
    for await (const piece of result.toTextStream()) text += piece;
    await result.completed;
    expect(text).toContain('hello there');
  });

  test('a tool is run and the run goes on', async () => {
    const { seen, getWeather } = weather();
    const result = await runner().run(agent({ tools: [getWeather] }), 'use get_weather');
    expect(seen).toEqual([{ city: 'text' }]);
    expect(result.finalOutput).toMatch(/.+/);
  });

  test('a tool is run in a streamed run', async () => {
    const { seen, getWeather } = weather();
    const result = await runner().run(agent({ tools: [getWeather] }), 'use get_weather', {
      stream: true,
    });
    await result.completed;
    expect(seen).toEqual([{ city: 'text' }]);
    expect(result.finalOutput).toMatch(/.+/);
  });

  test('an output type gives a value of the schema', async () => {
    const asking = new Agent({ name: 'typed', model: target.model, outputType: Person });
    const result = await runner().run(asking, 'who?');
    expect(Person.parse(result.finalOutput)).toEqual(result.finalOutput);
  });

  test('one agent hands over to another', async () => {
    const second = agent({ name: 'second' });
    const first = new Agent({ name: 'first', model: target.model, handoffs: [second] });
    const result = await runner().run(first, 'use transfer_to_second');
    expect(result.lastAgent?.name).toBe('second');
    expect(result.finalOutput).toMatch(/.+/);
  });

  test('an earlier run goes on', async () => {
    const first = await runner().run(agent(), 'hello');
    const second = await runner().run(agent(), [
      ...first.history,
      { role: 'user', content: 'and now?' },
    ]);
    expect(second.finalOutput).toContain('and now?');
  });

  test.each([400, 401, 429])('an error %i ends the run', async (status) => {
    const asked = runner().run(
      agent({ modelSettings: { retry: { maxRetries: 0 } } }),
      mark({ kind: 'error', status, message: 'Told to fail.' }),
    );
    await expect(asked).rejects.toThrow(/Told to fail/);
  });

  test.runIf(isGateway)('a streamed run that breaks is an error', async () => {
    const marked = mark({ kind: 'broken', how: 'reset', after: 5 });
    const result = await runner().run(agent(), `a few words ${marked}`, { stream: true });
    const read = async () => {
      for await (const piece of result.toTextStream()) expect(piece).toBeDefined();
      await result.completed;
    };
    await expect(read()).rejects.toThrow();
  });
});
