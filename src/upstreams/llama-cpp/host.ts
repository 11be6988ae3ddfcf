/** Owns the worker thread: starts it, sends it jobs, detects its exit, restarts it for the next request. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { workerBeside } from '../../lib/worker-beside.ts';
import type { LoadState } from '../../core/decision.ts';
import { UpstreamError } from '../../core/errors.ts';
import { Loading } from './loading.ts';
import type {
  FromWorker,
  Job,
  JobResult,
  LoadSettings,
  ModelInfo,
  OnText,
  ToWorker,
} from './protocol.ts';

export interface ModelHost {
  /**
   * Loads the model if it is not loaded. Rejects with an error that says what is wrong and what to
   * do.
   */
  start(): Promise<ModelInfo>;
  /** Settles once the worker is free again, aborted or not. */
  run(job: Job, flow: JobFlow): Promise<JobResult>;
  /** Undefined until the model is loaded. */
  info(): ModelInfo | undefined;
  state(): LoadState;
  /** Monotonic milliseconds; undefined while it is not loaded. */
  warmSinceMs(): number | undefined;
  close(): Promise<void>;
}

interface JobFlow {
  readonly onText: OnText;
  readonly abort: AbortSignal;
}

export interface HostOptions extends Omit<LoadSettings, 'modelFile' | 'engine'> {
  /** The upstream's name, and its model's: for messages. */
  readonly name: string;
  readonly model: string;
  /** The model file's path; may fetch it first. */
  readonly modelFile: () => Promise<string>;
  /** What loads the library; may install it first. */
  readonly engine: () => Promise<string>;
  /**
   * Called when loading begins; the function it returns is called once when loading ends, with or
   * without success.
   */
  readonly onLoading?: () => () => void;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** Starts the thread. */
  readonly spawn?: (settings: LoadSettings) => Worker;
}

interface Pending {
  readonly onText: OnText;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: UpstreamError) => void;
}

/** A worker from its start to its exit; `jobs` are the unanswered ones. */
interface Session {
  readonly worker: Worker;
  readonly ready: Promise<ModelInfo>;
  readonly jobs: Map<number, Pending>;
  readonly ended: Promise<void>;
}

/**
 * How long to wait for a closing worker, in milliseconds. It is never terminated: that would end the process (SIGABRT) if native
 * work is under way.
 */
const CLOSE_MS = 10_000;

export function modelHost(options: HostOptions): ModelHost {
  let session: Promise<Session> | undefined;
  let thread: Session | undefined;
  const loading = new Loading(options.nowMs);
  let lastId = 0;
  let closed = false;

  const forget = (): void => {
    session = undefined;
    thread = undefined;
    loading.forget();
  };

  const begin = async (): Promise<Session> => {
    const modelFile = await options.modelFile();
    await requireGguf(modelFile, options);
    const engine = await options.engine();
    requireOpen();
    thread = openSession({ modelFile, engine }, options, forget);
    const over = options.onLoading?.();
    if (over !== undefined) thread.ready.then(over, over);
    return thread;
  };

  const requireOpen = (): void => {
    if (closed) throw new UpstreamError('unreachable', `The upstream "${options.name}" is closed.`);
  };

  const current = (): Promise<Session> => {
    requireOpen();
    if (session === undefined) {
      session = begin();
      session.catch(forget);
    }
    return session;
  };

  const start = (): Promise<ModelInfo> => loading.watched(async () => (await current()).ready);

  return {
    start,
    info: () => loading.info,
    state: () => loading.state(session !== undefined),
    warmSinceMs: () => loading.warmSinceMs,
    run: async (job, flow) => {
      await start();
      return await runJob(await current(), ++lastId, job, flow);
    },
    close: async () => {
      closed = true;
      if (thread !== undefined) await endOf(thread);
    },
  };
}

async function endOf({ worker, ended }: Session): Promise<void> {
  tell(worker, { kind: 'close' });
  await Promise.race([ended, pause(CLOSE_MS, undefined, { ref: false })]);
  worker.unref();
}

function tell(worker: Worker, message: ToWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window: there is no origin
  worker.postMessage(message);
}

async function runJob(
  { worker, jobs }: Session,
  id: number,
  job: Job,
  { onText, abort }: JobFlow,
): Promise<JobResult> {
  const stop = (): void => tell(worker, { kind: 'abort', id });
  abort.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      jobs.set(id, { onText, resolve, reject });
      tell(worker, { kind: 'run', id, job });
      if (abort.aborted) stop();
    });
  } finally {
    abort.removeEventListener('abort', stop);
    jobs.delete(id);
  }
}

/** The thread that serves a model: worker.ts. */
export const spawnWorker = (settings: LoadSettings): Worker =>
  workerBeside(import.meta.url, 'worker', { workerData: settings, execArgv: [] });

function openSession(
  { modelFile, engine }: Pick<LoadSettings, 'modelFile' | 'engine'>,
  options: HostOptions,
  onEnd: () => void,
): Session {
  const { contextTokens, threads, gpu, gpuLayers, template } = options;
  const settings: LoadSettings = {
    modelFile,
    engine,
    contextTokens,
    threads,
    gpu,
    template,
    ...(gpuLayers === undefined ? {} : { gpuLayers }),
  };
  const worker = (options.spawn ?? spawnWorker)(settings);
  const jobs = new Map<number, Pending>();
  const ready = new Promise<ModelInfo>((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'loaded') resolve(message.info);
      else if (message.kind === 'load-failed')
        reject(loadError(options, modelFile, message.message));
      else dispatch(jobs, message);
    });
    worker.once('error', (error) => reject(loadError(options, modelFile, String(error))));
    worker.once('exit', () => reject(loadError(options, modelFile, 'its thread ended')));
  });
  // After a failed load the session is dropped: the next request loads again.
  ready.catch(() => {
    onEnd();
    tell(worker, { kind: 'close' });
  });
  const ended = new Promise<void>((resolve) => {
    // 'exit' always follows 'error'.
    worker.once('exit', () => {
      onEnd();
      for (const { reject } of jobs.values()) reject(interrupted(options.name));
      resolve();
    });
  });
  return { worker, ready, jobs, ended };
}

function dispatch(
  jobs: ReadonlyMap<number, Pending>,
  message: Exclude<FromWorker, { kind: 'loaded' | 'load-failed' }>,
): void {
  const pending = jobs.get(message.id);
  switch (message.kind) {
    case 'text':
      pending?.onText(message.text, message.tokens);
      return;
    case 'done':
      pending?.resolve(message.result);
      return;
    case 'failed':
      pending?.reject(new UpstreamError(message.failure.cause, message.failure.message));
  }
}

const interrupted = (name: string): UpstreamError =>
  new UpstreamError(
    'interrupted',
    `The model thread of "${name}" ended in the middle of this answer; it is started again for the next request.`,
  );

const loadError = (options: HostOptions, file: string, said: string): UpstreamError =>
  new UpstreamError(
    'server_error',
    `"${options.name}" cannot load ${basename(file)} (${said}). ${isAboutMemory(said) ? windowAdvice(options) : fileAdvice(options)}`,
    { status: 503 },
  );

/** Of llama.cpp's and of the library's words. */
const isAboutMemory = (said: string): boolean =>
  /too large for the available|failed to (allocate|create context)|bad_alloc|out of memory/i.test(
    said,
  );

const windowAdvice = ({ contextTokens }: HostOptions): string =>
  `There is not enough memory for a window of ${contextTokens} tokens: set \`contextTokens\` of this upstream lower, or give it more memory.`;

const fileAdvice = ({ model }: HostOptions): string =>
  `If the file is damaged, remove and fetch it again: smallfirst models rm ${model}, then smallfirst models pull ${model}.`;

/** Checks the first four bytes: cheap, and a clearer error than llama.cpp's. */
async function requireGguf(file: string, { name, model }: HostOptions): Promise<void> {
  const pull = `smallfirst models pull ${model}`;
  let magic: string;
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    magic = buffer.toString('latin1', 0, bytesRead);
  } catch (error) {
    throw new UpstreamError(
      'unreachable',
      `"${name}" has no model file: ${basename(file)} cannot be read. If it is a file of your own, put its path right; else fetch it: ${pull}.`,
      { cause: error, status: 503 },
    );
  }
  if (magic !== 'GGUF')
    throw new UpstreamError(
      'server_error',
      `${basename(file)} of "${name}" is not a GGUF model file, or is damaged. Remove it ` +
        `(smallfirst models rm ${model}) and fetch it again (${pull}).`,
      { status: 503 },
    );
}
