/** The model's own thread: native calls and template work never block the gateway's event loop. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  JobError,
  type FromWorker,
  type Job,
  type JobFailure,
  type JobResult,
  type LoadSettings,
  type ToWorker,
} from './protocol.ts';
import { loadModel, type LoadedModel } from './runtime.ts';

/** Serves one model over a message port, until it receives `close`. */
function serve(settings: LoadSettings, port: NonNullable<typeof parentPort>): void {
  const send = (message: FromWorker): void => port.postMessage(message);
  const running = new Map<number, AbortController>();
  let last: Promise<unknown> = Promise.resolve();
  let isDying = false;

  const loading = loadModel(settings);
  loading.then(
    ({ info }) => send({ kind: 'loaded', info }),
    (error: unknown) => send({ kind: 'load-failed', message: messageOf(error) }),
  );

  const run = async (id: number, job: Job, abort: AbortSignal): Promise<void> => {
    try {
      abort.throwIfAborted();
      const result = await perform(await loading, job, { id, abort, send });
      send({ kind: 'done', id, result });
    } catch (error) {
      send({ kind: 'failed', id, failure: isDying ? DYING : failureOf(error, abort) });
    } finally {
      running.delete(id);
    }
  };

  const close = async (): Promise<void> => {
    for (const controller of running.values()) controller.abort();
    await last;
    await (await loading).dispose();
  };

  // Terminating a thread during native work ends the whole process (SIGABRT), so the worker ends itself.
  process.once('uncaughtException', () => {
    isDying = true;
    close().then(leave, leave);
  });

  port.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'run': {
        const controller = new AbortController();
        running.set(message.id, controller);
        last = last.then(() => run(message.id, message.job, controller.signal));
        return;
      }
      case 'abort':
        running.get(message.id)?.abort();
        return;
      case 'close':
        close().then(
          () => port.close(),
          () => port.close(),
        );
    }
  });
}

const leave = (): never => process.exit(1);

const DYING: JobFailure = {
  cause: 'interrupted',
  message: 'The model thread failed; it is started again for the next request.',
};

interface Surroundings {
  readonly id: number;
  readonly abort: AbortSignal;
  readonly send: (message: FromWorker) => void;
}

function perform(
  model: LoadedModel,
  job: Job,
  { id, abort, send }: Surroundings,
): Promise<JobResult> {
  return job.kind === 'embed'
    ? model.embed(job, abort)
    : model.generate(
        job,
        (text, tokens) => send({ kind: 'text', id, text, ...(tokens && { tokens }) }),
        abort,
      );
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

function failureOf(error: unknown, abort: AbortSignal): JobFailure {
  if (abort.aborted) return { cause: 'aborted', message: 'The request was cancelled.' };
  if (error instanceof JobError) return error.failure;
  return { cause: 'server_error', message: messageOf(error) };
}

// `workerData` is untyped; `host.ts` sets it.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
if (parentPort !== null) serve(workerData as LoadSettings, parentPort);
