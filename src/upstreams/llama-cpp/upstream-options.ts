/** What a model in this process can be told, and what its host is told by default. */
import { availableParallelism } from 'node:os';
import type { Locality } from '../../core/decision.ts';
import type { Capability } from '../../core/signal.ts';
import type { SamplingDefaults } from './ask.ts';
import type { HostOptions } from './host.ts';
import type { ChatTemplate } from './protocol.ts';

export interface LlamaCppOptions {
  readonly name: string;
  /** The model's name, in routed requests and in messages. */
  readonly model: string;
  /** The model file, or a function that gets it (it may be downloaded first; requests wait). */
  readonly modelFile: string | (() => Promise<string>);
  /** What `import()` takes to load the library. Default: the package beside this one. */
  readonly engine?: () => Promise<string>;
  /** Digest of that file, as `sha256:…`; computed from the loaded file if not given. */
  readonly modelDigest?: string;
  readonly locality?: Locality;
  /** The window to allocate, in tokens; less if the model was trained on less. Default 4096. */
  readonly contextTokens?: number;
  /** Default: all cores but one. More than the machine has makes it tens of times slower. */
  readonly threads?: number;
  /** Default false: CPU only. */
  readonly gpu?: false | 'auto';
  /** With `gpu: 'auto'`: layers on the GPU. Default: as many as fit. */
  readonly gpuLayers?: number;
  /** Default `auto`: from the model file. */
  readonly template?: ChatTemplate;
  /** Replaces the default capabilities: a base model has no chat. */
  readonly capabilities?: readonly Capability[];
  /** Used for parameters that the caller leaves out. */
  readonly sampling?: SamplingDefaults;
  /** Begins a conversation without a system message; none if not given. */
  readonly systemLine?: string;
  /** Limit of chat answers if the caller sets none, in tokens. Default 2048. */
  readonly maxOutputTokens?: number;
  /** Requests that may wait behind the running one. Default 16. */
  readonly maxQueue?: number;
  /** How long a request may wait for its first token, in milliseconds, without the time that loading takes. Default 60,000. */
  readonly maxWaitMs?: number;
  /** Load at the first request instead of at once. */
  readonly lazy?: boolean;
  /** Gets a line for people where the model cannot be loaded at the start. */
  readonly say?: (line: string) => void;
  /** Called when loading begins; the function it returns, when it ends. For meters. */
  readonly onLoading?: HostOptions['onLoading'];
  /** Monotonic milliseconds. */
  readonly nowMs?: () => number;
  /** How the model's thread is started. */
  readonly spawn?: HostOptions['spawn'];
}

/** Without its clock. */
export function hostOptions({
  modelFile,
  engine,
  spawn,
  ...options
}: LlamaCppOptions): Omit<HostOptions, 'nowMs'> {
  return {
    name: options.name,
    model: options.model,
    modelFile: typeof modelFile === 'string' ? () => Promise.resolve(modelFile) : modelFile,
    engine: engine ?? (() => Promise.resolve('node-llama-cpp')),
    contextTokens: options.contextTokens ?? 4096,
    threads: options.threads ?? Math.max(1, availableParallelism() - 1),
    gpu: options.gpu ?? false,
    template: options.template ?? 'auto',
    ...(options.gpuLayers === undefined ? {} : { gpuLayers: options.gpuLayers }),
    ...(spawn === undefined ? {} : { spawn }),
    ...(options.onLoading === undefined ? {} : { onLoading: options.onLoading }),
  };
}
