/** The model, inside the worker: loads, generates, embeds. One job at a time. */
import { setTimeout as pause } from 'node:timers/promises';
import type * as library from 'node-llama-cpp';
import type {
  Llama,
  LlamaContextSequence,
  LlamaEmbeddingContext,
  LlamaGrammar,
  LlamaModel,
  Token,
} from 'node-llama-cpp';
import { embed, MAX_EMBEDDING_TOKENS } from './embedding.ts';
import { endBiases, type EndBias, type EndBiases } from './end-bias.ts';
import { promptRenderer, type PromptRenderer } from './prompt.ts';
import {
  JobError,
  type EmbedJob,
  type Embedded,
  type Format,
  type GenerateJob,
  type Generated,
  type LoadSettings,
  type ModelInfo,
  type OnText,
} from './protocol.ts';
import { samplingOptions } from './sampling.ts';
import { generateScored } from './scored.ts';
import { visibleText } from './visible-text.ts';

type Library = typeof library;

/**
 * Prompt tokens are evaluated in steps, because a step cannot be interrupted: the size follows the machine's speed, so
 * that an abort is noticed within about `STEP_MS`. Smaller steps cost speed: on one slow core a 1.1B model read its
 * prompt at 36, 50, 63 tokens/s in steps of 16, 32, 64.
 */
const STEP_MS = 500;
const STEP_TOKENS = { min: 32, max: 512 } as const;

/** Waits for llama.cpp's last log lines: `LOG_TURNS` times `LOG_MS` milliseconds. */
const LOG_MS = 20;
const LOG_TURNS = 25;

export interface LoadedModel {
  readonly info: ModelInfo;
  generate(job: GenerateJob, onText: OnText, abort: AbortSignal): Promise<Generated>;
  embed(job: EmbedJob, abort: AbortSignal): Promise<Embedded>;
  dispose(): Promise<void>;
}

interface Parts {
  readonly library: Library;
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly sequence: LlamaContextSequence;
  readonly render: PromptRenderer;
  readonly endBiases: EndBiases;
}

/** Loads the library and the model. Rejects with llama.cpp's last log lines if it cannot. */
export async function loadModel(settings: LoadSettings): Promise<LoadedModel> {
  const startedMs = performance.now();
  const complaints: string[] = [];
  // In a clone a development dependency, else in the cache.
  const loaded: Library = await import(settings.engine);
  const llama = await loaded.getLlama({
    gpu: settings.gpu,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: settings.threads,
    logLevel: loaded.LlamaLogLevel.error,
    logger: (_level, message) => complaints.push(message.trim()),
  });
  try {
    const model = await llama.loadModel({
      modelPath: settings.modelFile,
      ...(settings.gpuLayers === undefined ? {} : { gpuLayers: settings.gpuLayers }),
    });
    const contextSize = Math.min(settings.contextTokens, model.trainContextSize);
    const context = await model.createContext({
      contextSize,
      sequences: 1,
      threads: settings.threads,
    });
    const render = promptRenderer(loaded, model, settings.template);
    const parts = {
      library: loaded,
      llama,
      model,
      sequence: context.getSequence(),
      render,
      endBiases: endBiases(loaded, model),
    };
    return loadedModel(parts, settings, {
      contextTokens: context.contextSize,
      loadMs: performance.now() - startedMs,
    });
  } catch (error) {
    // The library delivers its log lines on later turns of the event loop.
    for (let turn = 0; turn < LOG_TURNS && complaints.length === 0; turn++) await pause(LOG_MS);
    const said = [error instanceof Error ? error.message : String(error), ...complaints.slice(-2)];
    await llama.dispose();
    throw new Error(said.join('; '), { cause: error });
  }
}

function loadedModel(parts: Parts, settings: LoadSettings, info: ModelInfo): LoadedModel {
  let embedding: Promise<LlamaEmbeddingContext> | undefined;
  const contextSize = Math.min(info.contextTokens, MAX_EMBEDDING_TOKENS);
  return {
    info,
    generate: (job, onText, abort) => generate(parts, job, { onText, abort }),
    embed: async (job, abort) => {
      embedding ??= parts.model.createEmbeddingContext({
        contextSize,
        batchSize: contextSize,
        threads: settings.threads,
      });
      return await embed(await embedding, job, { limit: contextSize, abort });
    },
    dispose: () => parts.llama.dispose(),
  };
}

interface Flow {
  readonly onText: OnText;
  readonly abort: AbortSignal;
}

async function generate(parts: Parts, job: GenerateJob, flow: Flow): Promise<Generated> {
  const { sequence } = parts;
  const { tokens, stops: ends, markers } = parts.render(job.prompt);
  const room = sequence.context.contextSize - tokens.length;
  if (room < 1)
    throw new JobError(
      'context_overflow',
      `The prompt is ${tokens.length} tokens long, but this model's window is ${sequence.context.contextSize} tokens ` +
        'and the answer needs room in it too: shorten the messages, or ask a model with a larger window.',
    );
  const grammar = await grammarFor(parts.llama, job.format);
  const stops = grammar === undefined ? [...ends, ...markers] : ends;
  const cachedTokens = await prefill(sequence, tokens, flow.abort);
  const before = sequence.tokenMeter.getState();
  const maxTokens = Math.min(job.maxTokens, room);
  const stop = new AbortController();
  const text = visibleText(job, flow.onText, () => stop.abort());
  const bias = parts.endBiases(job);
  const push: OnText = (piece, scored) => {
    bias.push(piece);
    text.push(piece, scored);
  };
  const { abort } = flow;
  const writing = { ...parts, job, tokens, stops, maxTokens, grammar, push, bias, abort };
  const finish = await (job.scores === undefined
    ? complete({ ...writing, stop: stop.signal })
    : completeScored({ ...writing, stop: stop.signal, top: job.scores.top }));
  flow.abort.throwIfAborted();
  text.end();
  const used = sequence.tokenMeter.diff(before);
  return {
    kind: 'generated',
    finish: text.isLoop() ? 'length' : finish,
    isLoop: text.isLoop(),
    promptTokens: tokens.length,
    cachedTokens,
    outputTokens: used.usedOutputTokens,
  };
}

interface Writing extends Parts {
  readonly job: GenerateJob;
  readonly tokens: readonly Token[];
  readonly stops: ReturnType<PromptRenderer>['stops'];
  readonly maxTokens: number;
  readonly grammar: LlamaGrammar | undefined;
  readonly push: OnText;
  readonly bias: EndBias;
  readonly abort: AbortSignal;
  /** Fires at a text that ends the answer, and at a loop. */
  readonly stop: AbortSignal;
}

/** Resolves to why it ended; on abort too. */
async function complete(writing: Writing): Promise<Generated['finish']> {
  const { library, sequence, model, job, tokens, grammar, push, bias } = writing;
  const completion = new library.LlamaCompletion({ contextSequence: sequence });
  try {
    const bos = model.tokens.shouldPrependBosToken ? 1 : 0;
    const { metadata } = await completion.generateCompletionWithMeta(tokens.slice(bos), {
      ...samplingOptions(job),
      ...bias.options,
      ...(grammar === undefined ? {} : { grammar }),
      maxTokens: writing.maxTokens,
      signal: AbortSignal.any([writing.abort, writing.stop]),
      stopOnAbortSignal: true,
      onTextChunk: (piece) => push(piece),
      customStopTriggers: writing.stops,
      // By default the library would keep a tenth of the window free by truncating the start of the prompt.
      contextShiftSize: 1,
      disableContextShift: true,
    });
    return metadata.stopReason === 'maxTokens' ? 'length' : 'stop';
  } finally {
    completion.dispose({ disposeSequence: false });
  }
}

async function completeScored(
  writing: Writing & { readonly top: number },
): Promise<Generated['finish']> {
  const { sequence, model, job, push, bias, stop, abort } = writing;
  const written: Token[] = [];
  const { repeatPenalty, ...sampling } = samplingOptions(job);
  const options = {
    ...sampling,
    ...bias.options,
    ...(repeatPenalty === false
      ? {}
      : { repeatPenalty: { ...repeatPenalty, punishTokens: () => written } }),
  };
  const tokens = writing.tokens.slice(sequence.nextTokenIndex);
  const flow = {
    onText: push,
    onToken: (token: Token) => written.push(token),
    isOver: () => stop.aborted,
    abort,
  };
  return await generateScored({ ...writing, sequence, model, tokens, options }, flow);
}

/**
 * Evaluates all but the last prompt token, in steps, so that an abort is noticed between them.
 * Returns how many tokens were still in the sequence from before.
 */
async function prefill(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  abort: AbortSignal,
): Promise<number> {
  const body = tokens.slice(0, -1);
  await sequence.adaptStateToTokens(body, false);
  const cached = sequence.nextTokenIndex;
  let step: number = STEP_TOKENS.min;
  for (let at = cached; at < body.length;) {
    abort.throwIfAborted();
    const startedMs = performance.now();
    await sequence.evaluateWithoutGeneratingNewTokens(body.slice(at, at + step));
    at += step;
    const tokensInTime = (step / (performance.now() - startedMs)) * STEP_MS;
    step = Math.round(Math.min(STEP_TOKENS.max, Math.max(STEP_TOKENS.min, tokensInTime)));
  }
  return cached;
}

async function grammarFor(llama: Llama, format: Format): Promise<LlamaGrammar | undefined> {
  if (format.kind === 'text') return undefined;
  if (format.kind === 'json_object') return await llama.getGrammarFor('json');
  try {
    // The builder's type cannot hold a schema known only at run time; json-schema.ts checked it member by member.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return await llama.createGrammarForJsonSchema(format.schema as never);
  } catch (error) {
    throw new JobError('not_capable', `This JSON schema cannot be enforced here: ${String(error)}`);
  }
}
