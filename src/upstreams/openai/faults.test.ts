import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { begin, failure, hi, rest, send } from '../../../test/support/ask-upstream.ts';
import { openaiHarness, textOf } from '../../../test/support/openai-harness.ts';
import type { StreamEvent } from '../../core/upstream.ts';

const { rig, serverOf, upstreamAt } = openaiHarness();

const broken = [
  ['reset', 'interrupted', 'interrupted'],
  ['end', 'bad_answer', 'interrupted'],
  ['half-event', 'bad_answer', 'interrupted'],
  ['half-reset', 'interrupted', 'interrupted'],
  ['stall', 'timeout', 'timeout'],
  ['error-event', 'server_error', 'server_error'],
  ['garbage', 'bad_answer', 'bad_answer'],
] as const;
const hasty = { timeouts: { firstByteMs: 60, idleMs: 60 } };
/** Short limits only for cases that need one to expire: a slow machine would hit them elsewhere. */
const limitsFor = (how: (typeof broken)[number][0]) => (how === 'stall' ? hasty : {});

test.each(broken)(
  'a stream broken by %s before its first event fails in send: %s',
  async (how, cause) => {
    const behaviour = () => ({ kind: 'broken', after: 0, how }) as const;
    const { upstream } = await rig({ behaviour }, limitsFor(how));
    const error = await failure(send(upstream, hi('hi', { stream: true }), { stream: true }));
    expect(error.attemptCause).toBe(cause);
  },
);

test.each(broken)(
  'a stream broken by %s later fails there, and has no end',
  async (how, _first, cause) => {
    const behaviour = () => ({ kind: 'broken', after: 2, how }) as const;
    const later = { timeouts: { firstByteMs: 10_000, idleMs: 60 } };
    const { upstream } = await rig({ behaviour }, how === 'stall' ? later : {});
    const events = await begin(upstream, hi('hi', { stream: true }));
    const seen: StreamEvent[] = [];
    const collect = async (): Promise<void> => {
      for (let next = await events.next(); next.done !== true; next = await events.next())
        seen.push(next.value);
    };
    const error = await failure(collect());
    expect(error.attemptCause).toBe(cause);
    expect(seen).toHaveLength(2);
    expect(textOf(seen)).not.toContain('[DONE]');
    expect(await events.next()).toEqual({ done: true, value: undefined });
  },
);

test.each([false, true])(
  'an error in the form of Chinese clouds, under 200, is a failure with its words (streamed: %s)',
  async (stream) => {
    const text = '{"code":1113,"msg":"no balance","data":null}';
    const url = await serverOf((_request, response) => {
      const type = stream ? 'text/event-stream' : 'application/json';
      response.writeHead(200, { 'content-type': type });
      response.end(stream ? `data: ${text}\n\n` : text);
    });
    const asked = send(upstreamAt(url), hi('hi', { stream }), { stream });
    const error = await failure(asked);
    expect([error.message, error.tryNext]).toEqual(['no balance', true]);
  },
);

test('[DONE] and nothing else is no answer', async () => {
  const behaviour = () => ({ kind: 'broken', after: 0, how: 'done' }) as const;
  const { upstream } = await rig({ behaviour });
  const error = await failure(send(upstream, hi('hi', { stream: true }), { stream: true }));
  expect(error.attemptCause).toBe('bad_answer');
});

test('a server that accepts the request and stays silent fails at the limit, whole or streamed', async () => {
  const { mock, upstream } = await rig({ behaviour: () => ({ kind: 'hang' }) }, hasty);
  expect((await failure(send(upstream, hi()))).attemptCause).toBe('timeout');
  expect(
    (await failure(send(upstream, hi('hi', { stream: true }), { stream: true }))).attemptCause,
  ).toBe('timeout');
  await mock.nextHangup();
});

test('comments keep a waiting stream alive without being its first event', async () => {
  const url = await serverOf((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': loading\n\n');
  });
  const upstream = upstreamAt(url, hasty);
  expect(
    (await failure(send(upstream, hi('hi', { stream: true }), { stream: true }))).attemptCause,
  ).toBe('timeout');
});

test('a closed port, a reset, and a name that does not resolve are distinguished from answers', async () => {
  const { mock, upstream } = await rig({ behaviour: () => ({ kind: 'reset' }) });
  const reset = await failure(send(upstream, hi()));
  expect(reset.attemptCause).toBe('interrupted');
  expect(reset.message).toContain('closed the connection without an answer');
  await mock.close();
  const refused = await failure(send(upstream, hi()));
  expect(refused.attemptCause).toBe('unreachable');
  expect(refused.message).toContain('ECONNREFUSED');
  const nowhere = upstreamAt('http://does-not-exist.invalid/v1');
  expect((await failure(send(nowhere, hi()))).attemptCause).toBe('unreachable');
});

test.each([
  ['<html>hello</html>', 'text/html', 'bad_answer'],
  ['<html>hello</html>', 'text/plain', 'bad_answer'],
  ['{"id":1', 'application/json', 'bad_answer'],
  ['[]', 'application/json', 'bad_answer'],
  ['', 'application/json', 'bad_answer'],
  ['{"error":{"message":"no","type":"server_error"}}', 'application/json', 'server_error'],
  ['{"error":"out of memory"}', 'application/json', 'server_error'],
  ['{"error":{"message":"no","code":400}}', 'application/json', 'bad_answer'],
  ['{"detail":"no worker is left"}', 'application/json', 'server_error'],
  ['{"success":false,"errors":[{"message":"no route"}]}', 'application/json', 'server_error'],
  ['{"choices":null,"base_resp":{"status_msg":"no"}}', 'application/json', 'server_error'],
  ['{"choices":[{"error":{"message":"no","code":429}}]}', 'application/json', 'rate_limited'],
  ['{"choices":[{"index":0,"finish_reason":"error"}]}', 'application/json', 'server_error'],
  ['{"choices":[]}', 'application/json', 'bad_answer'],
  ['{"choices":null,"usage":{"prompt_tokens":1}}', 'application/json', 'bad_answer'],
  ['{}', 'application/json', 'bad_answer'],
])('success that is none, %s as %s, is %s', async (body, type, cause) => {
  const { upstream } = await rig({
    behaviour: () => ({ kind: 'raw', body, headers: { 'content-type': type } }),
  });
  expect((await failure(send(upstream, hi()))).attemptCause).toBe(cause);
  const streamed = await failure(send(upstream, hi('hi', { stream: true }), { stream: true }));
  expect(streamed.attemptCause).toBe(cause);
});

test.each([
  ['embeddings', '{"object":"list","data":[]}'],
  ['text_completion', '{"choices":[]}'],
  ['responses', '{"id":"resp_1"}'],
] as const)('%s without a result, %s, is no answer', async (operation, body) => {
  const { upstream } = await rig({ behaviour: () => ({ kind: 'raw', body }) });
  expect((await failure(send(upstream, hi(), { operation }))).attemptCause).toBe('bad_answer');
});

test.each([false, true])(
  'an answer that is nested without end is a bad one (stream: %s)',
  async (stream) => {
    const deep = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;
    const call = `{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":${deep}}}`;
    const said = `{"role":"assistant","content":null,"tool_calls":[${call}]}`;
    const whole = `{"choices":[{"index":0,"message":${said},"finish_reason":"tool_calls"}]}`;
    const event = `data: {"choices":[{"index":0,"delta":${said}}]}\n\ndata: [DONE]\n\n`;
    const type = stream ? 'text/event-stream' : 'application/json';
    const { upstream } = await rig({
      behaviour: () => ({
        kind: 'raw',
        body: stream ? event : whole,
        headers: { 'content-type': type },
      }),
    });
    const error = await failure(send(upstream, hi('hi', { stream }), { stream }));
    expect(error.attemptCause).toBe('bad_answer');
    expect(error.message).toContain('nested too deeply');
  },
);

/** Some servers hide a failure in the stream, each in a way of its own. */
const hidden = [
  ['{"error":{"message":"no","code":400}}', 'bad_answer'],
  ['{"detail":"no worker is left"}', 'server_error'],
  ['{"message":"no","code":503}', 'overloaded'],
  ['{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}', 'server_error'],
  ['{"choices":[{"index":0,"delta":{},"error":{"code":429,"message":"no"}}]}', 'rate_limited'],
] as const;
const opening = 'data: {"choices":[],"prompt_filter_results":[]}\n\n';
const streaming = (events: string) =>
  serverOf((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${events}data: [DONE]\n\n`);
  });

test.each(hidden)(
  '%s as the first event is %s, also behind one without choices',
  async (event, cause) => {
    for (const before of ['', opening, ': waiting\n\n']) {
      for (const prefix of ['data: ', 'event: error\ndata: ', '']) {
        const upstream = upstreamAt(await streaming(`${before}${prefix}${event}\n\n`));
        const error = await failure(send(upstream, hi('hi', { stream: true }), { stream: true }));
        expect(error.attemptCause).toBe(cause);
      }
    }
  },
);

test.each(hidden)('%s later in a stream is %s and no end', async (event, cause) => {
  const begun = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n';
  const upstream = upstreamAt(await streaming(`${begun}data: ${event}\n\n`));
  const events = await begin(upstream, hi('hi', { stream: true }));
  expect((await failure(rest(events))).attemptCause).toBe(cause);
});

test('a stream without choices is no answer, and says so before it is one', async () => {
  const upstream = upstreamAt(await streaming(opening + opening));
  const error = await failure(send(upstream, hi('hi', { stream: true }), { stream: true }));
  expect(error.attemptCause).toBe('bad_answer');
});

test('events without choices reach the caller, in their order', async () => {
  const answer =
    'data: {"id":"c","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}\n\n';
  for (const count of [1, 40]) {
    const upstream = upstreamAt(await streaming(opening.repeat(count) + answer));
    const events = await rest(await begin(upstream, hi('hi', { stream: true })));
    expect(textOf(events)).toBe(`${opening.repeat(count)}${answer}data: [DONE]\n\n`);
  }
});

test.each(['abort', 'return'] as const)(
  '%s closes the socket of a stream under way',
  async (how) => {
    const { mock, upstream } = await rig({
      behaviour: () => ({ kind: 'broken', after: 2, how: 'stall' }),
    });
    const abort = new AbortController();
    const events = await begin(upstream, hi('hi', { stream: true }), { abort: abort.signal });
    if (how === 'abort') abort.abort();
    else await events.return?.();
    const request = await mock.nextHangup();
    expect(request.aborted).toBe(true);
    if (how === 'abort') expect((await failure(rest(events))).attemptCause).toBe('aborted');
  },
);

test('abort closes the socket before an answer, and while connecting', async () => {
  const { mock, upstream } = await rig({ behaviour: () => ({ kind: 'hang' }) });
  const abort = new AbortController();
  const waiting = failure(send(upstream, hi(), { abort: abort.signal }));
  await mock.nextRequest();
  abort.abort();
  expect((await waiting).attemptCause).toBe('aborted');
  await mock.nextHangup();
  expect((await failure(send(upstream, hi(), { abort: abort.signal }))).attemptCause).toBe(
    'aborted',
  );
  expect(mock.requests).toHaveLength(1);
});

test('an answer above the cap is not read to its end', async () => {
  const url = await serverOf((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"a":"');
    const block = 'x'.repeat(64 * 1024);
    const write = (): void => {
      while (response.write(block));
      response.once('drain', write);
    };
    write();
  });
  const error = await failure(send(upstreamAt(url), hi('hi', { stream: true }), { stream: true }));
  expect(error.attemptCause).toBe('bad_answer');
});

test('a port where something other than HTTP answers is a bad answer', async () => {
  const server = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { port } = server.address() as AddressInfo;
  const upstream = upstreamAt(`http://127.0.0.1:${port}/v1`);
  expect((await failure(send(upstream, hi()))).attemptCause).toBe('bad_answer');
  server.close();
});
