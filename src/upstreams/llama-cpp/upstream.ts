/** A GGUF model in this process, in its own thread: the small model that needs no server. */
import type { UpstreamFacts } from '../../core/decision.ts';
import type { Call } from '../../core/call.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { Capability } from '../../core/signal.ts';
import type { TokenScore } from '../../core/token-scores.ts';
import type { Answer, StreamEvent, Upstream, UpstreamRequest } from '../../core/upstream.ts';
import { Flow } from '../../lib/flow.ts';
import { readable } from '../text-input.ts';
import {
  embeddingsAnswer,
  textEvents,
  streamAnswer,
  textAnswer,
  type TextEnd,
} from '../../wire/chat-answer.ts';
import { chatLogprobs, completionLogprobs } from '../../wire/logprobs.ts';
import { chatJob, completionJob, embedJob, type AskOptions, type SamplingDefaults } from './ask.ts';
import { modelHost, type ModelHost } from './host.ts';
import { fileDigest } from './file-digest.ts';
import { generate, perform, unlessAborted, type Model } from './in-turn.ts';
import { hostOptions, type LlamaCppOptions } from './upstream-options.ts';
import { serialQueue } from './serial-queue.ts';
import type { GenerateJob, Generated, ScoredToken } from './protocol.ts';

const CAPABILITIES: ReadonlySet<Capability> = new Set<Capability>([
  'chat',
  'text_completion',
  'embeddings',
  'json_object',
  'json_schema',
  'logprobs',
]);

/** As long as most clients wait for a connection that is silent. */
const MOST_WAIT_MS = 60_000;

/** Default if the catalogue has none: greedy decoding makes small models repeat themselves. */
const SAMPLING: SamplingDefaults = { temperature: 0.7, topP: 0.95, topK: 40 };

interface HostState extends Model {
  readonly ask: AskOptions;
}

/**
 * Serves chat, completions and embeddings from one model file through node-llama-cpp. One request at a
 * time; others wait in order. `send` rejects with `overloaded` (and `retry-after`) when too many wait, `context_overflow` before
 * anything is generated, `not_capable` for members that would be ignored, `interrupted` when the thread exits. A missing or
 * damaged file fails requests, never the process.
 */
export function llamaCppUpstream(options: LlamaCppOptions): Upstream {
  const { name, locality = 'local' } = options;
  const hosted = hostOptions(options);
  const nowMs = options.nowMs ?? (() => performance.now());
  const host = modelHost({ ...hosted, nowMs, modelFile: () => found() });
  let modelFile: string | undefined;
  const found = async (): Promise<string> => (modelFile = await hosted.modelFile());
  const digest = fileDigest(found, options.modelDigest);
  const queue = serialQueue({
    name,
    maxWaiting: options.maxQueue ?? 16,
    maxWaitMs: options.maxWaitMs ?? MOST_WAIT_MS,
    nowMs,
    warmSinceMs: host.warmSinceMs,
  });
  const inside: HostState = {
    host,
    queue,
    ask: {
      sampling: options.sampling ?? SAMPLING,
      maxOutputTokens: options.maxOutputTokens ?? 2048,
      ...(options.systemLine === undefined ? {} : { systemLine: options.systemLine }),
    },
  };
  let isClosing = false;
  // A failure to load rejects each request, and is reported by `probe`.
  if (options.lazy !== true)
    host.start().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      if (!isClosing)
        options.say?.(`'${name}' has no model yet; the next request tries again: ${why}`);
    });

  return {
    name,
    kind: 'llama-cpp',
    locality,
    facts: () => facts(options, host, { modelDigest: digest.known(), modelFile }),
    send: (request, abort) => send(inside, request, abort),
    probe: async (abort) => {
      const result = await probe(host, abort);
      if (result.ok) void digest.begin();
      return result;
    },
    close: async () => {
      isClosing = true;
      digest.stop();
      await host.close();
    },
  };
}

function facts(
  { model, locality = 'local', capabilities }: LlamaCppOptions,
  host: ModelHost,
  { modelDigest, modelFile }: Partial<Record<'modelDigest' | 'modelFile', string | undefined>>,
): UpstreamFacts {
  const contextTokens = host.info()?.contextTokens;
  return {
    locality,
    model,
    models: [model],
    loadState: host.state(),
    capabilities: capabilities === undefined ? CAPABILITIES : new Set(capabilities),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(modelDigest === undefined ? {} : { modelDigest }),
    ...(modelFile === undefined ? {} : { modelFile }),
  };
}

async function probe(
  host: ModelHost,
  abort: AbortSignal,
): Promise<{ readonly ok: boolean; readonly detail: string }> {
  try {
    const { contextTokens, loadMs } = await unlessAborted(host.start(), abort);
    return {
      ok: true,
      detail: `loaded in ${Math.round(loadMs)} ms, window of ${contextTokens} tokens`,
    };
  } catch (error) {
    if (abort.aborted) return { ok: false, detail: 'still loading' };
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

async function send(
  inside: HostState,
  request: UpstreamRequest,
  abort: AbortSignal,
): Promise<Answer> {
  const { call, model, egress } = request;
  const onStart = (): void => egress?.bytesSent(call.payload.length);
  switch (call.operation) {
    case 'embeddings': {
      const result = await perform(inside, embedJob(readable(call).body), {
        abort,
        onStart: onStart,
        onText: () => undefined,
      });
      if (result.kind === 'embedded') return embeddingsAnswer(call, model, result);
      break;
    }
    case 'chat':
    case 'text_completion': {
      const job =
        call.operation === 'chat'
          ? chatJob(call.body, inside.ask)
          : completionJob(call.body, inside.ask);
      const asked = { request, onStart, abort, tells: job.scores !== undefined };
      return call.stream
        ? await streamText(inside, scoredFor(request, job), asked)
        : await answerText(inside, scoredFor(request, job), asked);
    }
    case 'responses':
    case 'messages':
    case 'passthrough':
      break;
  }
  throw new UpstreamError(
    'not_capable',
    `The embedded model serves chat, completions and embeddings, not ${call.path}.`,
  );
}

interface Asked {
  readonly request: UpstreamRequest;
  readonly abort: AbortSignal;
  readonly onStart: () => void;
  /** The caller asked for the probabilities. */
  readonly tells: boolean;
}

/** The chosen tokens' alone cost least. What is held to a grammar is not scored. */
const scoredFor = ({ observeTokens }: UpstreamRequest, job: GenerateJob): GenerateJob =>
  observeTokens === undefined || job.scores !== undefined || job.format.kind !== 'text'
    ? job
    : { ...job, scores: { top: 0 } };

function scoresOf(tokens: readonly ScoredToken[]): readonly TokenScore[] {
  return tokens.map(({ top, ...token }) => ({ ...token, top: top.map(({ logprob }) => logprob) }));
}

async function answerText(inside: HostState, job: GenerateJob, asked: Asked): Promise<Answer> {
  const { call, model } = asked.request;
  const texts: string[] = [];
  const scored: ScoredToken[] = [];
  const result = await generate(inside, job, {
    ...asked,
    onText: (text, tokens = []) => {
      texts.push(text);
      scored.push(...tokens);
    },
  });
  if (job.scores !== undefined) asked.request.observeTokens?.(scoresOf(scored));
  if (result.isLoop) asked.request.observeLoop?.();
  const end = endOf(result);
  const logprobs = asked.tells ? { logprobs: logprobsOf(call, scored, 0) } : {};
  return textAnswer(call, model, texts.join(''), { ...end, ...logprobs });
}

const logprobsOf = ({ operation }: Call, tokens: readonly ScoredToken[], offset: number) =>
  operation === 'chat' ? chatLogprobs(tokens) : completionLogprobs(tokens, offset);

const endOf = ({ finish, promptTokens, cachedTokens, outputTokens }: Generated): TextEnd => ({
  finish,
  usage: { inputTokens: promptTokens, cachedInputTokens: cachedTokens, outputTokens },
});

/** Resolves at the first event, so that a failure before it is a failure of the request. */
async function streamText(inside: HostState, job: GenerateJob, asked: Asked): Promise<Answer> {
  const { call, model } = asked.request;
  const write = textEvents(call, model);
  const left = new AbortController();
  const events = new Flow<StreamEvent>({ cancel: () => left.abort() });
  const abort = AbortSignal.any([asked.abort, left.signal]);
  const opening = openOnce(events, write.opening);
  let length = 0;
  const onText = (text: string, tokens: readonly ScoredToken[] = []): void => {
    opening();
    if (job.scores !== undefined) asked.request.observeTokens?.(scoresOf(tokens));
    events.push(write.text(text, asked.tells ? logprobsOf(call, tokens, length) : undefined));
    length += text.length;
  };
  const produce = async (): Promise<void> => {
    try {
      const result = await generate(inside, job, { ...asked, abort, onText });
      if (result.isLoop) asked.request.observeLoop?.();
      opening();
      for (const event of write.ending(endOf(result))) events.receive(event);
      events.ended();
    } catch (error) {
      events.ended(error);
    }
  };
  void produce();
  await events.first();
  return streamAnswer(events);
}

function openOnce(events: Flow<StreamEvent>, opening: () => readonly StreamEvent[]): () => void {
  let open = false;
  return () => {
    if (open) return;
    open = true;
    for (const event of opening()) events.receive(event);
  };
}
