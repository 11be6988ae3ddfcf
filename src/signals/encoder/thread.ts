/** Asks the deep judge's thread: one request at a time, a short queue, and nobody waits past a deadline. */
import { workerBeside } from '../../lib/worker-beside.ts';
import type { Soon } from '../../lib/soon.ts';
import type { DeepAnswer, DeepQuestion } from '../complexity/calibrated.ts';
import type { FromDeep } from './protocol.ts';
import {
  type Asked,
  questionQueue,
  type DeepResult,
  type QuestionQueue,
} from './question-queue.ts';
import { rememberedAnswers } from './remembered.ts';

export interface DeepThread {
  /** Loads the weights, where no question has done so yet. */
  start(): void;
  /** At once where it was asked before, or cannot be answered in time. Undefined where there is no answer within `deadlineMs` (`Infinity`: however long it takes). */
  ask(question: DeepQuestion, deadlineMs: number): Soon<DeepAnswer | undefined>;
  /** Questions that ended so, since the start. */
  counts(): Readonly<Record<DeepResult, number>>;
  /** How often the thread ended by itself. */
  restarts(): number;
  /** From now on `observe` hears how long each answer took. */
  watch(observe: (seconds: number) => void): void;
  close(): Promise<void>;
}

/** The part of a worker that is used. */
export interface DeepWorker {
  on(event: 'message', listener: (message: FromDeep) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
  postMessage(question: DeepQuestion): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<unknown>;
}

export interface ThreadOptions {
  /** Says, for people, that there is no deep judge, and why: each time that its thread ends. */
  readonly onFailure?: (words: string) => void;
  readonly nowMs?: () => number;
  readonly spawn?: () => DeepWorker;
}

/** From its end to its next start, four times as long after each end without an answer between: loading it takes seconds of a core. */
export const RESTART_MS = 1000;
const LONGEST_RESTART_MS = 300_000;

/** Its thread keeps the process alive only while somebody waits for it. */
export function deepThread(options: ThreadOptions = {}): DeepThread {
  const { nowMs = () => performance.now(), onFailure = (words) => process.emitWarning(words) } =
    options;
  let worker: DeepWorker | undefined;
  const queue = questionQueue(() => (worker ??= begun()), nowMs);
  const counts = { answered: 0, remembered: 0, late: 0, busy: 0, failed: 0 };
  const remembered = rememberedAnswers();
  let observe: ((seconds: number) => void) | undefined;
  const fail = (message: string): void => {
    if (queue.end()) onFailure(`${message}. Requests are judged by the fast judge alone`);
  };
  const life = restarting(queue, onFailure, () => void (worker = begun()));
  const begun = (): DeepWorker =>
    heard((options.spawn ?? spawnWorker)(), queue, { fail, ended: life.ended });
  return {
    start: () => void (worker ??= begun()),
    ask: (question, deadlineMs) => {
      const key = remembered.keyOf(question);
      const known = remembered.get(key);
      if (known !== undefined) {
        counts.remembered += 1;
        return known;
      }
      if (deadlineMs !== Infinity && !queue.takes(deadlineMs)) {
        counts.busy += 1;
        return undefined;
      }
      const askedMs = nowMs();
      const settled = (result: DeepResult): void => {
        counts[result] += 1;
        if (result !== 'answered') return;
        life.answered();
        observe?.((nowMs() - askedMs) / 1000);
      };
      const remember = (answer: DeepAnswer): void => remembered.set(key, answer);
      return waitIn(queue, { question: copied(question), deadlineMs, remember, settled });
    },
    counts: () => ({ ...counts }),
    restarts: life.count,
    watch: (next) => {
      observe = next;
    },
    close: async () => {
      queue.end();
      life.over();
      await worker?.terminate();
    },
  };
}

interface Waiting extends Pick<Asked, 'question' | 'remember'> {
  readonly deadlineMs: number;
  /** Called once. */
  settled(result: DeepResult): void;
}

/** Resolves to the answer; to nothing where there is none in time. */
function waitIn(
  queue: QuestionQueue,
  { question, deadlineMs, remember, settled }: Waiting,
): Promise<DeepAnswer | undefined> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let isSettled = false;
    const asked: Asked = {
      question,
      remember,
      settle: (result, answer) => {
        if (isSettled) return;
        isSettled = true;
        clearTimeout(timer);
        queue.leave(asked);
        settled(result);
        resolve(answer);
      },
    };
    if (deadlineMs !== Infinity) timer = setTimeout(() => asked.settle('late'), deadlineMs);
    queue.join(asked);
  });
}

const copied = ({ pieces, inputs, need, exam, second }: DeepQuestion): DeepQuestion => ({
  pieces: pieces.slice(),
  inputs: inputs.slice(),
  need,
  exam,
  second,
});

interface Ends {
  /** Its weights cannot be used. */
  readonly fail: (message: string) => void;
  /** @param name - of the error; what an error says may quote a prompt */
  readonly ended: (name: string) => void;
}

/** What becomes of a thread that ends by itself: it begins again, after a while in which every question fails. */
function restarting(queue: QuestionQueue, say: (words: string) => void, begin: () => void) {
  let count = 0;
  let pauseMs = RESTART_MS;
  let timer: NodeJS.Timeout | undefined;
  return {
    ended: (name: string): void => {
      if (!queue.end()) return;
      count += 1;
      say(
        `The deep judge's thread ended: ${name}. Requests are judged by the fast judge alone until it is started again, in ${pauseMs / 1000} s`,
      );
      timer = setTimeout(() => {
        queue.reopen();
        begin();
      }, pauseMs).unref();
      pauseMs = Math.min(LONGEST_RESTART_MS, pauseMs * 4);
    },
    answered: (): void => void (pauseMs = RESTART_MS),
    count: (): number => count,
    over: (): void => clearTimeout(timer),
  };
}

/** What the worker says goes to the queue, or is the end of it. */
function heard(worker: DeepWorker, queue: QuestionQueue, { fail, ended }: Ends): DeepWorker {
  worker.unref();
  worker.on('message', (message) => {
    if (message.kind === 'failed') return fail(message.message);
    if (message.kind === 'answer') return queue.answered(message.answer);
    queue.begin();
  });
  worker.on('error', (error) => ended(error.name));
  worker.on('exit', () => ended('it exited'));
  return worker;
}

/** What an answer makes and lets go is little; without a bound three times the main thread's is kept for it. */
const YOUNG_MB = 6;

const spawnWorker = (): DeepWorker =>
  workerBeside(import.meta.url, 'worker', {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
