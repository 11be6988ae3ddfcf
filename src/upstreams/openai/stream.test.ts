import { expect, test } from 'vitest';
import { begin, failure, hi, patient, rest, whole } from '../../../test/support/ask-upstream.ts';
import { call } from '../../../test/support/call.ts';
import { iterated } from '../../../test/support/event-streams.ts';
import { openaiHarness, textOf } from '../../../test/support/openai-harness.ts';

const { rig, serverOf, upstreamAt } = openaiHarness();

test('a stream asks for usage and gives it to the record only when the caller did not ask', async () => {
  const { mock, upstream } = await rig();
  const events = await rest(
    await begin(
      upstream,
      hi('hi', { stream: true, stream_options: { include_obfuscation: false } }),
    ),
  );
  expect(mock.requests[0]?.body['stream_options']).toEqual({
    include_obfuscation: false,
    include_usage: true,
  });
  expect(textOf(events)).not.toContain('usage');
  expect(textOf(events)).toMatch(/data: \[DONE\]\n\n$/);
  const counted = events.find(({ data }) => data?.['usage']);
  expect(counted?.bytes).toHaveLength(0);
  expect(counted?.data?.['usage']).toMatchObject({ prompt_tokens: 1 });
});

test('a caller who asked for usage gets the upstream’s bytes', async () => {
  const { upstream } = await rig();
  const events = await rest(
    await begin(upstream, hi('hi', { stream: true }), { wantsUsage: true }),
  );
  expect(textOf(events)).toContain('"choices":[],"usage":{"prompt_tokens":1');
  expect(textOf(events)).toContain('"usage":null');
});

test('usage in a content chunk is removed for a caller who did not ask', async () => {
  const { upstream } = await rig({ behaviour: () => ({ kind: 'answer', usage: 'every-chunk' }) });
  const events = await rest(await begin(upstream, hi('one two', { stream: true })));
  expect(textOf(events)).not.toContain('usage');
  expect(textOf(events)).toContain('"finish_reason":"stop"');
});

test('a server that refuses stream_options is asked without them, then and later', async () => {
  const { mock, upstream } = await rig({
    behaviour: ({ body }) =>
      body['stream_options'] === undefined
        ? undefined
        : { kind: 'error', status: 400, message: 'Unrecognized argument: stream_options' },
  });
  for (let i = 0; i < 2; i += 1) {
    expect(textOf(await rest(await begin(upstream, hi('hi', { stream: true }))))).toContain(
      '[DONE]',
    );
  }
  expect(mock.requests.map(({ body }) => body['stream_options'] !== undefined)).toEqual([
    true,
    false,
    false,
  ]);
});

test.each([
  { eol: '\r\n' as const, splitEvery: 1 },
  { eol: '\r' as const, splitEvery: 7 },
  { comments: true, noSpace: true },
  { named: true, pairs: true },
  { noDone: true },
])('a stream framed as %o comes out as every client reads it', async (framing) => {
  const { upstream } = await rig({
    behaviour: () => ({ kind: 'answer', text: 'Grüße, 世界', framing }),
  });
  const events = await rest(await begin(upstream, hi('hi', { stream: true })));
  expect(textOf(events)).toMatch(/^((event: [^\n]*\n)?data: [^\r\n]+\n\n)+$/);
  expect(events.at(-1)).toMatchObject({ done: true });
  expect(textOf(events)).toContain('世界');
});

test('a picture of several megabytes in one event arrives whole', async () => {
  const image_url = { url: `data:image/png;base64,${'iVBOR'.repeat(1_200_000)}` };
  const delta = { role: 'assistant', images: [{ type: 'image_url', image_url }] };
  const named = { id: 'c', object: 'chat.completion.chunk', created: 5, model: 'm' };
  const choices = [{ index: 0, delta, finish_reason: 'stop' }];
  const picture = JSON.stringify({ ...named, choices });
  const url = await serverOf((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${picture}\n\ndata: [DONE]\n\n`);
  });
  const events = await rest(await begin(upstreamAt(url), hi('Draw', { stream: true })));
  expect(textOf(events) === `data: ${picture}\n\ndata: [DONE]\n\n`).toBe(true);
});

test('connections are reused, after streams too', async () => {
  const ports = new Set<number | undefined>();
  const url = await serverOf((request, response) => {
    ports.add(request.socket.remotePort);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(
      'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    );
  });
  const upstream = upstreamAt(url);
  for (let i = 0; i < 8; i += 1) {
    const events = await begin(upstream, hi('hi', { stream: true }));
    expect(await rest(events)).toHaveLength(2);
  }
  // A pool opens a second connection while the first one still completes its last answer.
  expect(ports.size).toBeLessThanOrEqual(2);
});

test('a stream of choices ends when every choice has', async () => {
  const chunk = (index: number, finish: string | null): string =>
    `data: ${JSON.stringify({ choices: [{ index, delta: {}, finish_reason: finish }] })}\n\n`;
  const url = await serverOf((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(chunk(0, null) + chunk(1, null) + chunk(0, 'stop'));
  });
  const events = await begin(upstreamAt(url), hi('hi', { stream: true, n: 2 }));
  expect((await failure(rest(events))).attemptCause).toBe('interrupted');
});

test('a Responses stream keeps its names and ends with its last event', async () => {
  const { upstream } = await rig();
  const body = { model: 'auto', input: 'hi', stream: true };
  const responses = call({ operation: 'responses', path: '/responses', body, stream: true });
  const answer = await upstream.send({ call: responses, model: 'tiny' }, patient);
  if (answer.kind !== 'stream') throw new Error(answer.kind);
  const events = await rest(iterated(answer.events));
  expect(textOf(events)).toMatch(/^event: response.created\ndata: {/);
  expect(events.at(-1)?.data?.['type']).toBe('response.completed');
  expect(textOf(events)).not.toContain('[DONE]');
});

test('a server whose ids repeat gets a unique id for each answer, in every event', async () => {
  const behaviour = () =>
    ({ kind: 'answer', sparse: true, override: { id: 'chatcmpl-7', created: 0 } }) as const;
  const { upstream } = await rig({ behaviour }, { locality: 'local', dialect: 'ollama' });
  const events = await rest(await begin(upstream, hi('hi', { stream: true })));
  const stamps = events.flatMap(({ bytes, done }) => {
    if (done || bytes.length === 0) return [];
    const { id, created } = JSON.parse(Buffer.from(bytes).toString().slice(6)) as Record<
      string,
      unknown
    >;
    return [`${String(id)} ${String(created)}`];
  });
  expect(new Set(stamps)).toEqual(new Set(['chatcmpl-r1 1700000000']));
  const body = await whole(upstream, hi());
  expect(body).toMatchObject({ id: 'chatcmpl-r1', created: 1_700_000_000 });
  expect(body['choices']).toMatchObject([{ logprobs: null, message: { refusal: null } }]);
});
