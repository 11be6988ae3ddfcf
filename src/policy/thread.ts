/** Reads long policies in a thread: every caller would wait for it here. */
import { supervisedThread, type ThreadOptions } from '../lib/supervised-thread.ts';
import { workerBeside } from '../lib/worker-beside.ts';
import { PolicyError, readPolicy, type PolicyNames, type ReadPolicy } from './read.ts';
import type { ReadQuestion, ReadResult } from './worker.ts';

/** Characters: some two milliseconds, less than it takes to start a thread. */
const SHORT = 4000;
/** Who writes a policy has it checked at every change. */
const IDLE_MS = 60_000;
const YOUNG_MB = 8;

export interface PolicyReader {
  /**
   * @throws PolicyError with every problem found
   * @throws Error with a sentence where the thread ended meanwhile
   */
  read(source: ReadQuestion['source'], names: PolicyNames): Promise<ReadPolicy>;
  /** How often the thread ended by itself. */
  restarts(): number;
  close(): Promise<void>;
}

const spawnReader = () =>
  workerBeside(import.meta.url, 'worker', {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });

/** The thread starts with the first long policy, and ends after a while without. */
export function policyReader(options: Partial<ThreadOptions<never>> = {}): PolicyReader {
  const thread = supervisedThread<ReadQuestion, ReadResult>({
    spawn: spawnReader,
    name: 'The thread that reads policies',
    idleMs: IDLE_MS,
    ...options,
  });
  return {
    read: async (source, names) => {
      if (source.text.length <= SHORT) return readPolicy(source, names);
      const { upstreams, signals, auth } = names;
      const known = { upstreams, signals, ...(auth === undefined ? {} : { auth }) };
      const { text, file } = source;
      const judge = names.judgeInForce?.();
      return readOf(await thread.ask({ source: { text, file }, names: known, judge }));
    },
    restarts: thread.restarts,
    close: thread.end,
  };
}

function readOf(result: ReadResult): ReadPolicy {
  if ('read' in result) return result.read;
  throw new PolicyError(result.problems);
}
