/** Streams that OpenAI's SDK would choke on, made into ones that it reads. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let body = '';
const cloud = createServer((request, response) => {
  request.resume().once('end', () => {
    const isList = request.method === 'GET';
    response.setHeader('content-type', isList ? 'application/json' : 'text/event-stream');
    response.end(isList ? '{"data":[]}' : body);
  });
});
let whole: WholeGateway;
let client: OpenAI;
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    cloud.listen(0, '127.0.0.1', resolve);
  });
  const { port } = cloud.address() as AddressInfo; // it listens on a TCP port
  whole = await startTestGateway({ cloudUrl: `http://127.0.0.1:${port}/v1` });
  client = new OpenAI({ baseURL: `${whole.gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
});
afterAll(async () => {
  await whole.close();
  cloud.close();
  cloud.closeAllConnections();
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
  body = sent;
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
