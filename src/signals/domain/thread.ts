/** Learns the domains of a policy in a thread: with hundreds of them it takes seconds, for which every caller would wait here. */
import type { Domain } from '../../core/policy.ts';
import { supervisedThread, type ThreadOptions } from '../../lib/supervised-thread.ts';
import { workerBeside } from '../../lib/worker-beside.ts';
import { learnDomains, type DomainTables } from './learn.ts';

/** Policies change seldom. */
const IDLE_MS = 10_000;
const YOUNG_MB = 16;

export interface DomainLearner {
  /** @throws Error with a sentence where the thread ended meanwhile */
  learn(domains: readonly Domain[]): Promise<DomainTables>;
  /** How often the thread ended by itself. */
  restarts(): number;
  close(): Promise<void>;
}

const spawnLearner = () =>
  workerBeside(import.meta.url, 'worker', {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });

/** The thread starts with the first policy that has domains, and ends after a while without. */
export function domainLearner(options: Partial<ThreadOptions<never>> = {}): DomainLearner {
  const thread = supervisedThread<readonly Domain[], DomainTables>({
    spawn: spawnLearner,
    name: 'The thread that learns domains',
    idleMs: IDLE_MS,
    ...options,
  });
  return {
    learn: async (domains) => (domains.length === 0 ? learnDomains([]) : await thread.ask(domains)),
    restarts: thread.restarts,
    close: thread.end,
  };
}
