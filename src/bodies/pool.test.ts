import { EventEmitter, once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { chats } from '../../test/support/arbitrary-chat.ts';
import type { Call, Operation } from '../core/call.ts';
import { NO_WAITING } from '../core/deadline.ts';
import { GatewayError } from '../core/errors.ts';
import { evaluate } from '../engine/evaluate.ts';
import { describe } from '../engine/features.ts';
import { threadKeys } from '../engine/thread-key.ts';
import { readPayload } from '../http/body/read-payload.ts';
import { createSignals } from '../signals/index.ts';
import { dialects } from '../upstreams/dialects.ts';
import { requestBody } from '../upstreams/openai/request.ts';
import { messagesToChat } from '../wire/messages-to-chat.ts';
import { textTokens } from '../wire/chat-request.ts';
import { largeBodyPool, type LargeBodyPool } from './pool.ts';
import { serve } from './serve.ts';
import type { ReaderWorker } from './thread.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const pooled = (options: Parameters<typeof largeBodyPool>[0]): LargeBodyPool => {
  const pool = largeBodyPool(options);
  open.push(pool);
  return pool;
};

/** What the thread does, in this one, behind messages as they cross between threads. */
function here(): ReaderWorker {
  const { port1, port2 } = new MessageChannel();
  serve(port2);
  return Object.assign(port1, {
    terminate: () => {
      port1.close();
      return Promise.resolve();
    },
  });
}

const empty = (operation: Operation): Call => ({
  id: 'req_1',
  operation,
  method: 'POST',
  path: operation === 'passthrough' ? '/files' : '/chat/completions',
  requestedModel: 'auto',
  stream: false,
  wantsUsage: false,
  body: {},
  payload: Buffer.alloc(0),
  contentType: 'application/json',
  forwardHeaders: {},
  caller: { name: 'bob', labels: {}, mayOverride: true },
  receivedAtMs: 1,
  startedMs: 1,
  stateDeadline: NO_WAITING,
});

const signals = createSignals({
  domains: [{ name: 'password', examples: ['I forgot my password'], use: 'small' }],
});
const options = { maxDepth: 128 };
const hello = '{"model":"auto","messages":[{"role":"user","content":"hi"}]}';

/** Both ways to read and to judge the same bytes. */
async function bothWays(pool: LargeBodyPool, text: string, operation: Operation = 'chat') {
  const head = empty(operation);
  const plain = { ...head, ...readPayload(Buffer.from(text), head, options) };
  const features = describe(plain);
  const readings = await evaluate(signals, features, 1000);
  const read = await pool.read(Buffer.from(text), head, options);
  const { payload, body, large } = read;
  const call: Call = { ...head, payload, body, large };
  const judged = await pool.judge(call, { signals, ownsState: false });
  read.forget();
  return { plain, call, features, readings, judged };
}

const sent = (call: Call, dialect: keyof typeof dialects): string => {
  const { rewrites } = dialects[dialect];
  const written = requestBody(call, { model: 'm', rewrites, asksUsage: true });
  return Buffer.concat(Array.isArray(written) ? written : [written as Buffer]).toString();
};

test('a thread that has loaded nothing else knows all rewrites of long members', async () => {
  const from = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
  const reader = new Worker(
    `import(${from('./reader.ts')})
      .then(({ BodyReader }) => new BodyReader().read(1, Buffer.from(${JSON.stringify(DEVELOPER)}), ${JSON.stringify(HEAD)}, { maxDepth: 9 }))
      .then(({ rewrites }) => require('node:worker_threads').parentPort.postMessage([...rewrites]))`,
    { eval: true },
  );
  open.push({ close: async () => void (await reader.terminate()) });
  const [found] = (await once(reader, 'message')) as unknown[];
  expect(found).toEqual(['developer', 'text parts']);
});

const DEVELOPER =
  '{"model":"m","messages":[{"role":"developer","content":[{"type":"text","text":"x"}]}]}';
const HEAD = {
  operation: 'chat',
  contentType: 'application/json',
  caller: { name: 'c', labels: {} },
};

test('a body is the same, is judged the same, and is sent the same, whoever read it', async () => {
  const pool = pooled({ spawn: here });
  await fc.assert(
    fc.asyncProperty(chats, async (asked) => {
      const { plain, call, features, readings, judged } = await bothWays(
        pool,
        JSON.stringify(asked),
      );
      expect(JSON.stringify(call.body)).toBe(JSON.stringify(plain.body));
      expect(call.payload.equals(plain.payload)).toBe(true);
      expect(call.large?.threadKeys).toEqual(threadKeys(plain));
      expect(call.large?.textTokens).toBe(textTokens(plain.body));
      expect(judged?.readings).toEqual(readings);
      expect(judged?.features.facts).toEqual(features.facts);
      expect({ ...judged?.features, taskEnds: undefined }).toEqual(features);
      for (const dialect of ['openai', 'generic', 'ollama', 'vllm'] as const)
        expect(sent(call, dialect)).toBe(sent(plain, dialect));
    }),
    { numRuns: 60 },
  );
});

test.each<[string, string, Operation]>([
  [
    'a member twice',
    '{"model":"auto","model":"m","messages":[{"role":"user","content":"hi"}]}',
    'chat',
  ],
  [
    'very many members',
    `{"model":"auto","messages":[{"role":"user","content":"hi"}],${Array.from({ length: 2000 }, (_, at) => `"k${at}":${at}`).join(',')}}`,
    'chat',
  ],
  [
    'a long task',
    JSON.stringify({
      model: 'auto',
      messages: [{ role: 'user', content: 'word '.repeat(90_000) }],
    }),
    'chat',
  ],
  [
    'items',
    JSON.stringify({ model: 'auto', input: [{ role: 'user', content: 'Hello.' }] }),
    'responses',
  ],
  ['texts', JSON.stringify({ model: 'm', input: ['one', 'two'] }), 'embeddings'],
  ['carried text', 'no JSON at all, ben.ito@corp.jp', 'passthrough'],
])('%s', async (_, text, operation) => {
  const pool = pooled({ spawn: here });
  const { plain, call, features, readings, judged } = await bothWays(pool, text, operation);
  expect(call.body).toEqual(plain.body);
  expect(call.payload.toString()).toBe(plain.payload.toString());
  expect(judged?.readings).toEqual(readings);
  expect({ ...judged?.features, taskEnds: undefined }).toEqual(features);
});

const wireOf = (error: unknown): unknown =>
  error instanceof GatewayError ? [error.code, error.toWire()] : error;

function tried(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return wireOf(error);
  }
}

test('what is wrong with a body is said as of a small one', async () => {
  const pool = pooled({ spawn: here });
  for (const text of ['{"model":"auto"}', 'nothing', '{"model":7,"messages":[]}']) {
    const expected = tried(() => readPayload(Buffer.from(text), empty('chat'), options));
    const there = await pool.read(Buffer.from(text), empty('chat'), options).catch(wireOf);
    expect(there).toEqual(expected);
  }
});

test('the deep judge is asked where it is, and what it says counts', async () => {
  const pool = pooled({ spawn: here });
  const asked: unknown[] = [];
  const deep = {
    mode: 'always' as const,
    deadlineMs: 10_000,
    ask: (question: unknown) => {
      asked.push(question);
      return { complexity: 0.25, confidence: [0.2, 0.3] as const, because: '' };
    },
  };
  const judging = createSignals({ domains: [] }, { deep });
  const text = JSON.stringify({
    model: 'auto',
    messages: [{ role: 'user', content: 'Why is it so?' }],
  });
  const head = empty('chat');
  const read = await pool.read(Buffer.from(text), head, options);
  const { payload, body, large } = read;
  const call = { ...head, payload, body, large };
  const judged = await pool.judge(call, { signals: judging, ownsState: false });
  expect(asked).toHaveLength(1);
  expect(judged?.readings['complexity']).toMatchObject({ score: 0.25 });
});

test('a body that was changed, and signals of nobody’s policy, are judged by who asks', async () => {
  const pool = pooled({ spawn: here });
  const head = empty('chat');
  const read = await pool.read(Buffer.from(hello), head, options);
  const { payload, body, large } = read;
  const call = { ...head, payload, body, large };
  expect(pool.judge({ ...call, body: { ...read.body } }, { signals, ownsState: false })).toBe(
    undefined,
  );
  expect(pool.judge(call, { signals: [], ownsState: false })).toBe(undefined);
});

test('a thread of its own gives what this one gives', async () => {
  const pool = pooled({});
  const { plain, call, readings, judged } = await bothWays(pool, hello);
  expect(call.body).toEqual(plain.body);
  expect(judged?.readings).toEqual(readings);
});

test('a thread that ends refuses who waits for it, and the next body gets another', async () => {
  const words: string[] = [];
  const silent = new EventEmitter();
  const workers: ReaderWorker[] = [
    Object.assign(silent, {
      postMessage: () => {},
      unref: () => {},
      terminate: () => Promise.resolve(),
    }),
    here(),
  ];
  const pool = pooled({ onEnd: (said) => words.push(said), spawn: () => workers.shift()! });
  const ask = () => pool.read(Buffer.from(hello), empty('chat'), options);
  const waiting = ask();
  silent.emit('error', new Error('no memory'));
  silent.emit('exit');
  await expect(waiting).rejects.toMatchObject({ code: 'gateway_overloaded' });
  expect(pool.ended()).toBe(1);
  expect(words).toHaveLength(1);
  const read = await ask();
  expect(JSON.stringify(read.body)).toBe(hello);
  await pool.close();
  const { payload, body, large } = read;
  const call = { ...empty('chat'), payload, body, large };
  expect(pool.judge(call, { signals, ownsState: false })).toBe(undefined);
  expect(pool.ended()).toBe(1);
});

test('a large call of /v1/messages is translated as a small one', async () => {
  const pool = pooled({ spawn: here });
  const asked = {
    model: 'm',
    max_tokens: 9,
    system: 'Be brief.',
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'word '.repeat(2000) }] },
      { role: 'assistant', content: [{ type: 'server_tool_use', id: 'a', name: 'b', input: {} }] },
    ],
  };
  const head = { ...empty('messages'), path: '/messages' };
  const { payload, body, large } = await pool.read(
    Buffer.from(JSON.stringify(asked)),
    head,
    options,
  );
  const call = { ...head, payload, body, large };
  const chat = await pool.messagesAsChat(call);
  const expected = messagesToChat(asked);
  expect(chat?.body).toEqual(expected.body);
  expect(chat?.lost).toEqual(expected.lost);
  expect(chat?.payload.toString()).toBe(JSON.stringify(expected.body));
  expect(call.payload.toString()).toBe(JSON.stringify(asked));
  expect(pool.messagesAsChat({ ...call, body: asked })).toBe(undefined);
});
