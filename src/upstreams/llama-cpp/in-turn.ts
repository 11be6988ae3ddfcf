/** Runs jobs on an upstream's model, one at a time and in order. */
import { UpstreamError } from '../../core/errors.ts';
import type { ModelHost } from './host.ts';
import type { SerialQueue } from './serial-queue.ts';
import type { GenerateJob, Generated, Job, JobResult, OnText } from './protocol.ts';

export interface Model {
  readonly host: ModelHost;
  readonly queue: SerialQueue;
}

interface Flow {
  readonly abort: AbortSignal;
  /** Called when the job starts: from here on the model reads it. */
  readonly onStart: () => void;
  readonly onText: OnText;
}

/** `perform` for a job that generates. Rejects with `bad_answer` if the thread returns anything else. */
export async function generate(model: Model, job: GenerateJob, flow: Flow): Promise<Generated> {
  const result = await perform(model, job, flow);
  if (result.kind !== 'generated')
    throw new UpstreamError('bad_answer', 'The model thread answered something else than asked.');
  return result;
}

/**
 * Waits for its turn, runs the job, and rejects at once on abort; the next request starts only when
 * the thread has stopped.
 */
export async function perform({ host, queue }: Model, job: Job, flow: Flow): Promise<JobResult> {
  const { abort } = flow;
  try {
    const leave = await queue.enter(abort);
    flow.onStart();
    const running = host.run(job, flow).finally(leave);
    return await unlessAborted(running, abort);
  } catch (error) {
    throw abort.aborted
      ? new UpstreamError('aborted', 'The request was cancelled.', { cause: error })
      : error;
  }
}

/** Rejects as soon as `abort` fires, whether or not `work` settles. */
export async function unlessAborted<T>(work: Promise<T>, abort: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(abort.reason);
  if (abort.aborted) leave();
  abort.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    abort.removeEventListener('abort', leave);
    // The loser of the race must not become an unhandled rejection.
    work.catch(() => undefined);
    aborted.catch(() => undefined);
  }
}
