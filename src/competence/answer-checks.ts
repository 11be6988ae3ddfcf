/** What a model server really does when it is asked: for `doctor`. */
import type { Call } from '../core/call.ts';
import { UpstreamError } from '../core/errors.ts';
import type { TokenScore } from '../core/token-scores.ts';
import type { Upstream } from '../core/upstream.ts';
import { readAll } from '../lib/flow.ts';
import { isObject, type JsonObject } from '../lib/json.ts';
import { draftReader } from '../wire/draft.ts';

/** A busy processor answers 64 tokens within a minute; what takes longer is of no use to anybody. */
const PATIENCE_MS = 90_000;

export interface Probed {
  readonly upstream: Upstream;
  /** Makes the call of a chat body, as the HTTP edge would. */
  readonly toCall: (payload: Buffer) => Call;
}

export interface AnswerCheck {
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly words: string;
}

interface Asking extends Probed {
  /** Whoever waits for it has gone. */
  readonly ended?: AbortSignal;
}

type Look = (probed: Asking) => Promise<AnswerCheck>;

/** Asks seven short questions, one after the other. Never throws: what is refused is a warning, and no answer at all a failure. */
export async function answerChecks(
  given: Probed,
  ended?: AbortSignal,
): Promise<readonly AnswerCheck[]> {
  const probed = { ...given, ...(ended === undefined ? {} : { ended }) };
  const looks: readonly (readonly [string, Look])[] = [
    ['a stream', streamCheck],
    ['tools', toolCheck],
    ['a JSON schema', schemaCheck],
    ['token probabilities', logprobCheck],
    ['a cancelled request', cancelCheck],
  ];
  const checks: AnswerCheck[] = [];
  for (const [about, look] of looks) {
    if (ended?.aborted === true) break;
    try {
      checks.push(await look(probed));
    } catch (error) {
      // Who answers no plain question at all is not asked for finer things.
      const isUseless = look === streamCheck && given.upstream.facts().capabilities.has('chat');
      checks.push({ verdict: isUseless ? 'fail' : 'warn', words: `${about}: ${wordsOf(error)}` });
      if (isUseless) break;
    }
  }
  return checks;
}

const wordsOf = (error: unknown): string => {
  if (error instanceof UpstreamError) return `it refused (${error.attemptCause})`;
  return error instanceof Error ? error.message : 'it failed';
};

interface Answered {
  readonly text: string;
  readonly calls: number;
  readonly usage: boolean;
  readonly pieces: number;
  readonly firstMs: number;
  readonly totalMs: number;
  readonly tokens: readonly TokenScore[];
}

/** `stopAfter`: the answer is given up after so many events. */
async function ask(
  { upstream, toCall, ended }: Asking,
  content: string,
  more: JsonObject,
  stopAfter = Infinity,
): Promise<Answered> {
  const { model } = upstream.facts();
  const messages = [{ role: 'user', content }];
  const body = { model, messages, temperature: 0, max_tokens: 64, ...more };
  const reader = draftReader('chat')!;
  const tokens: TokenScore[] = [];
  const began = performance.now();
  let [firstMs, usage, events] = [0, false, 0];
  const see = (data: JsonObject | undefined): void => {
    events += 1;
    if (data === undefined) return;
    usage ||= isObject(data['usage']);
    reader.observe(data);
    if (reader.said.pieces > 0 && firstMs === 0) firstMs = performance.now() - began;
  };
  const answer = await upstream.send(
    {
      call: toCall(Buffer.from(JSON.stringify(body))),
      model,
      ...(upstream.facts().capabilities.has('logprobs')
        ? { observeTokens: (some: readonly TokenScore[]) => void tokens.push(...some) }
        : {}),
    },
    AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ...(ended === undefined ? [] : [ended])]),
  );
  if (answer.kind === 'whole') see(answer.body);
  else if (answer.kind === 'stream') {
    await readAll(answer.events, ({ data }) => {
      see(data);
      return events >= stopAfter ? 'enough' : undefined;
    });
  }
  const { text, calls, pieces } = reader.said;
  const totalMs = performance.now() - began;
  return { text, calls: calls.length, usage, pieces, firstMs, totalMs, tokens };
}

const STREAM = { stream: true, stream_options: { include_usage: true } };
const COUNT = 'Count from 1 to 30, with spaces between.';

async function streamCheck(probed: Asking): Promise<AnswerCheck> {
  const { pieces, firstMs, totalMs, usage } = await ask(probed, COUNT, STREAM);
  if (pieces === 0) return { verdict: 'fail', words: 'streams nothing: look at the server’s log' };
  const rate = ((1000 * pieces) / Math.max(1, totalMs - firstMs)).toFixed(1);
  const speed = `streams, first token after ${(firstMs / 1000).toFixed(1)} s, about ${rate} tokens/s`;
  return usage
    ? { verdict: 'ok', words: `${speed}, usage in the stream` }
    : { verdict: 'warn', words: `${speed}; no usage in the stream, so tokens are counted here` };
}

const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather in a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

async function toolCheck(probed: Asking): Promise<AnswerCheck> {
  if (!probed.upstream.facts().capabilities.has('tools'))
    return { verdict: 'warn', words: 'has no tools: requests with tools go to the large model' };
  const { calls } = await ask(probed, 'What is the weather in Paris? Use the tool.', {
    tools: [WEATHER],
  });
  return calls > 0
    ? { verdict: 'ok', words: 'calls tools' }
    : { verdict: 'warn', words: 'was offered a tool and did not call it: tools are weak here' };
}

const CITY = {
  type: 'json_schema',
  json_schema: {
    name: 'answer',
    schema: {
      type: 'object',
      properties: { city: { type: 'string', maxLength: 30 } },
      required: ['city'],
      additionalProperties: false,
    },
  },
};

async function schemaCheck(probed: Asking): Promise<AnswerCheck> {
  const { text } = await ask(probed, 'Which city is the capital of Italy?', {
    response_format: CITY,
  });
  return isCity(text)
    ? { verdict: 'ok', words: 'honours JSON schemas' }
    : {
        verdict: 'warn',
        words:
          'does not honour JSON schemas: a rule on request.jsonSchema sends them to the large model',
      };
}

function isCity(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && typeof value['city'] === 'string';
  } catch {
    return false;
  }
}

async function logprobCheck(probed: Asking): Promise<AnswerCheck> {
  const { tokens } = await ask(probed, 'Say yes.', STREAM);
  return tokens.length > 0
    ? { verdict: 'ok', words: 'gives token probabilities' }
    : {
        verdict: 'warn',
        words: 'gives no token probabilities: the check `confidence` cannot judge its answers',
      };
}

/** So much longer than before a request may wait that comes after a cancelled one. */
const SLACK_MS = 4000;

async function cancelCheck(probed: Asking): Promise<AnswerCheck> {
  const before = await ask(probed, 'Say yes.', { stream: true, max_tokens: 4 });
  await ask(
    probed,
    'Write a story of two thousand words about the sea.',
    { stream: true, max_tokens: 2000 },
    2,
  );
  const after = await ask(probed, 'Say yes.', { stream: true, max_tokens: 4 });
  return after.totalMs < before.totalMs + SLACK_MS
    ? { verdict: 'ok', words: 'stops when a caller hangs up' }
    : {
        verdict: 'warn',
        words: `seems to go on after a caller hangs up: the next request took ${(after.totalMs / 1000).toFixed(0)} s`,
      };
}
