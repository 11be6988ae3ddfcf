/** Streams that OpenAI's SDK would choke on, made into ones that it reads. */
import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSayingCloud, type SayingCloud } from '../support/saying-cloud.ts';

let cloud: SayingCloud;
let client: OpenAI;
beforeAll(async () => {
  cloud = await startSayingCloud();
  ({ client } = cloud);
});
afterAll(async () => {
  await cloud.close();
});

const chunk = (choice: object): string =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: {}, finish_reason: null, ...choice }] })}\n\n`;
const hello = chunk({ delta: { role: 'assistant', content: 'Hello' } });
const stop = chunk({ finish_reason: 'stop' });
const done = 'data: [DONE]\n\n';
const text = [{ type: 'text', text: 'Hello' }];

const STREAMS: readonly (readonly [string, string])[] = [
  ['with a ping as an event', `event: ping\ndata: {}\n\n${hello}${stop}${done}`],
  ['with a sign of life as data', `data: {"keepalive":true}\n\n${hello}${stop}${done}`],
  ['with null as data', `data: null\n\n${hello}${stop}${done}`],
  ['with null for choices', `data: {"id":"x","choices":null}\n\n${hello}${stop}${done}`],
  ['without blank lines', `${hello}${stop}${done}`.replaceAll('\n\n', '\n')],
  ['that ends with [done]', `${hello}${stop}data: [done]\n\n`],
  ['that ends with "[DONE]"', `${hello}${stop}data: "[DONE]"\n\n`],
  ['without indexes', `${hello}${stop}${done}`.replaceAll('"index":0,', '')],
  ['with indexes as texts', `${hello}${stop}${done}`.replaceAll('"index":0', '"index":"0"')],
  ['with an empty role', `${hello.replace('assistant', '')}${stop}${done}`],
  ['of completions', `data: {"id":"x","choices":[{"text":"Hello"}]}\n\n${stop}${done}`],
  ['of parts', `${chunk({ delta: { role: 'assistant', content: text } })}${stop}${done}`],
];

test.each(STREAMS)('a stream %s is read, whole and streamed', async (_what, sent) => {
  cloud.say(sent);
  const asked = { model: 'cloud/gpt-4o', messages: [{ role: 'user' as const, content: 'hi' }] };
  const answers = [
    await client.chat.completions.stream(asked).finalChatCompletion(),
    await client.chat.completions.create(asked),
  ];
  for (const { choices } of answers) {
    expect(choices).toHaveLength(1);
    expect(choices[0]).toMatchObject({ index: 0, finish_reason: 'stop' });
    expect(choices[0]?.message).toMatchObject({ role: 'assistant', content: 'Hello' });
  }
});
