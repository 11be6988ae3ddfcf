/** The messages between the gateway's thread and the model's thread. Structured-cloneable data only. */
import type { JsonObject } from '../../lib/json.ts';

/** The chat template; `auto`: the one in the model file (takes a second at load). */
export type ChatTemplate =
  | 'chatml'
  | 'chatml-no-think'
  | 'zephyr'
  | 'alpaca'
  | 'vicuna'
  | 'minicpm'
  | 'auto';

export interface LoadSettings {
  /** What `import()` takes to load node-llama-cpp: its name, or the URL of its file. */
  readonly engine: string;
  readonly modelFile: string;
  /** The window to allocate; less if the model was trained on less. */
  readonly contextTokens: number;
  readonly threads: number;
  /** False: CPU only; `auto`: a GPU if the installed binaries support one. */
  readonly gpu: false | 'auto';
  /** Layers to put on the GPU; undefined: as many as fit. */
  readonly gpuLayers?: number;
  readonly template: ChatTemplate;
}

export interface Turn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly text: string;
}

export type Prompt =
  | { readonly kind: 'chat'; readonly turns: readonly Turn[] }
  | { readonly kind: 'raw'; readonly text: string };

export type Format =
  | { readonly kind: 'text' }
  | { readonly kind: 'json_object' }
  | { readonly kind: 'json_schema'; readonly schema: JsonObject };

export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly seed?: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  /** Where neither of the two is set; 1 = none. */
  readonly repeatPenalty: number;
  /** Added to the score of the answer's end after each sentence, in nats; 0 = none. In free text only. */
  readonly endBias: number;
}

export interface GenerateJob {
  readonly kind: 'generate';
  readonly prompt: Prompt;
  /** Upper limit: the window may leave less. */
  readonly maxTokens: number;
  readonly sampling: Sampling;
  readonly stop: readonly string[];
  readonly format: Format;
  /** The probability of each token is wanted, and of so many of the likeliest in its place. */
  readonly scores?: { readonly top: number };
}

/** A token of an answer; its text may be a part of a character. */
export interface ScoredToken {
  readonly text: string;
  /** Natural logarithm, 0 at most. */
  readonly logprob: number;
  readonly top: readonly { readonly text: string; readonly logprob: number }[];
}

/** Text of an answer, with its tokens where their probabilities are wanted. */
export type OnText = (text: string, tokens?: readonly ScoredToken[]) => void;

export interface EmbedJob {
  readonly kind: 'embed';
  readonly inputs: readonly string[];
}

export type Job = GenerateJob | EmbedJob;

export interface Generated {
  readonly kind: 'generated';
  readonly finish: 'stop' | 'length';
  /** The answer fell into a loop and was ended; its finish reason is then `length`, which clients read as "cut off". */
  readonly isLoop: boolean;
  readonly promptTokens: number;
  /** Prompt tokens that were still in the KV cache from the previous request. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

export interface Embedded {
  readonly kind: 'embedded';
  readonly vectors: readonly Float32Array[];
  readonly promptTokens: number;
}

export type JobResult = Generated | Embedded;

export interface ModelInfo {
  readonly contextTokens: number;
  readonly loadMs: number;
}

/** Why a job failed, in a message for callers. */
export interface JobFailure {
  readonly cause: 'context_overflow' | 'not_capable' | 'aborted' | 'interrupted' | 'server_error';
  readonly message: string;
}

export type ToWorker =
  | { readonly kind: 'run'; readonly id: number; readonly job: Job }
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'loaded'; readonly info: ModelInfo }
  | { readonly kind: 'load-failed'; readonly message: string }
  | {
      readonly kind: 'text';
      readonly id: number;
      readonly text: string;
      readonly tokens?: readonly ScoredToken[];
    }
  | { readonly kind: 'done'; readonly id: number; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: JobFailure };

/** Thrown inside the worker; sent to the other thread as its `failure`. */
export class JobError extends Error {
  readonly failure: JobFailure;

  constructor(cause: JobFailure['cause'], message: string) {
    super(message);
    this.name = 'JobError';
    this.failure = { cause, message };
  }
}
