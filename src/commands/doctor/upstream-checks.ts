/** What an upstream really does: asked, not read in its documentation. */
import { UpstreamError } from '../../core/errors.ts';
import type { TokenScore } from '../../core/token-scores.ts';
import type { Upstream } from '../../core/upstream.ts';
import { isObject, type JsonObject } from '../../lib/json.ts';
import { draftReader } from '../../wire/draft.ts';
import { chatCall } from '../chat-call.ts';
import { fail, ok, warn, type Check } from './check.ts';

/** A busy processor answers 64 tokens within a minute; what takes longer is of no use to anybody. */
const PATIENCE_MS = 90_000;
/** Tokens of a window under which articles and a conversation do not fit. */
const SMALL_WINDOW = 4096;

/** Local ones are asked seven short questions; a paid one is only asked for its models, which costs nothing. */
export async function upstreamChecks(upstream: Upstream): Promise<readonly Check[]> {
  const about = `upstream ${upstream.name}`;
  const probe = await upstream.probe(AbortSignal.timeout(PATIENCE_MS));
  if (!probe.ok) {
    const what =
      probe.fault?.cause === 'auth'
        ? 'its credentials are refused: check apiKey'
        : 'start the server, or put its url right';
    return [fail(about, `${probe.detail}: ${what}`)];
  }
  const checks = [ok(about, `reachable: ${probe.detail}`), modelCheck(about, upstream, probe.detail)];
  if (upstream.locality === 'cloud')
    return [
      ...checks,
      ok(about, 'credentials taken; not asked for answers, because they cost money'),
    ];
  const answers = await answerChecks(about, upstream);
  return [...checks, windowCheck(about, upstream), ...answers];
}

/** What a probe says where the server lists its models and the configured one is none of them. */
const NOT_LISTED = 'is not among them';

function modelCheck(about: string, upstream: Upstream, detail: string): Check {
  const { model } = upstream.facts();
  return detail.includes(NOT_LISTED)
    ? fail(about, `it does not list ${model}: pull or load the model there, or name another`)
    : ok(about, `model ${model} is there`);
}

function windowCheck(about: string, upstream: Upstream): Check {
  const { contextTokens } = upstream.facts();
  if (contextTokens === undefined)
    return warn(about, 'its window is not known: write contextTokens, or long requests fail there');
  const words = `window of ${contextTokens} tokens`;
  return contextTokens < SMALL_WINDOW
    ? warn(
        about,
        `${words}: raise it at the server (Ollama: num_ctx), or long requests go elsewhere`,
      )
    : ok(about, words);
}

async function answerChecks(about: string, upstream: Upstream): Promise<readonly Check[]> {
  const asked: readonly ((upstream: Upstream) => Promise<Omit<Check, 'about'>>)[] = [
    streamCheck,
    toolCheck,
    schemaCheck,
    logprobCheck,
    cancelCheck,
  ];
  const checks: Check[] = [];
  for (const check of asked) {
    try {
      checks.push({ about, ...(await check(upstream)) });
    } catch (error) {
      checks.push(warn(about, `${check.name.replace('Check', '')}: ${wordsOf(error)}`));
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
  upstream: Upstream,
  content: string,
  more: JsonObject,
  stopAfter = Infinity,
): Promise<Answered> {
  const { model } = upstream.facts();
  const messages = [{ role: 'user', content }];
  const body = { model, messages, temperature: 0, max_tokens: 64, ...more };
  const reader = draftReader('chat')!;
  const tokens: TokenScore[] = [];
  const stop = new AbortController();
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
      call: chatCall(Buffer.from(JSON.stringify(body))),
      model,
      ...(upstream.facts().capabilities.has('logprobs')
        ? { observeTokens: (some: readonly TokenScore[]) => void tokens.push(...some) }
        : {}),
    },
    AbortSignal.any([stop.signal, AbortSignal.timeout(PATIENCE_MS)]),
  );
  if (answer.kind === 'whole') see(answer.body);
  else if (answer.kind === 'stream') {
    for (
      let step = await answer.events.next();
      step.done !== true;
      step = await answer.events.next()
    ) {
      see(step.value.data);
      if (events >= stopAfter) {
        await answer.events.return?.();
        stop.abort();
        break;
      }
    }
  }
  const { text, calls, pieces } = reader.said;
  const totalMs = performance.now() - began;
  return { text, calls: calls.length, usage, pieces, firstMs, totalMs, tokens };
}

const STREAM = { stream: true, stream_options: { include_usage: true } };
const COUNT = 'Count from 1 to 30, with spaces between.';

async function streamCheck(upstream: Upstream): Promise<Omit<Check, 'about'>> {
  const { pieces, firstMs, totalMs, usage } = await ask(upstream, COUNT, STREAM);
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

async function toolCheck(upstream: Upstream): Promise<Omit<Check, 'about'>> {
  if (!upstream.facts().capabilities.has('tools'))
    return { verdict: 'warn', words: 'has no tools: requests with tools go to the large model' };
  const { calls } = await ask(upstream, 'What is the weather in Paris? Use the tool.', {
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

async function schemaCheck(upstream: Upstream): Promise<Omit<Check, 'about'>> {
  const { text } = await ask(upstream, 'Which city is the capital of Italy?', {
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

async function logprobCheck(upstream: Upstream): Promise<Omit<Check, 'about'>> {
  const { tokens } = await ask(upstream, 'Say yes.', STREAM);
  return tokens.length > 0
    ? { verdict: 'ok', words: 'gives token probabilities' }
    : {
        verdict: 'warn',
        words: 'gives no token probabilities: the check `confidence` cannot judge its answers',
      };
}

/** So much longer than before a request may wait that comes after a cancelled one. */
const SLACK_MS = 4000;

async function cancelCheck(upstream: Upstream): Promise<Omit<Check, 'about'>> {
  const before = await ask(upstream, 'Say yes.', { stream: true, max_tokens: 4 });
  await ask(
    upstream,
    'Write a story of two thousand words about the sea.',
    { stream: true, max_tokens: 2000 },
    2,
  );
  const after = await ask(upstream, 'Say yes.', { stream: true, max_tokens: 4 });
  return after.totalMs < before.totalMs + SLACK_MS
    ? { verdict: 'ok', words: 'stops when a caller hangs up' }
    : {
        verdict: 'warn',
        words: `seems to go on after a caller hangs up: the next request took ${(after.totalMs / 1000).toFixed(0)} s`,
      };
}
