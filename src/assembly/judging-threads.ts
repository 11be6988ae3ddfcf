/** The threads that judge: the deep judge's, those that read large bodies, and those that prepare policies. */
import { largeBodyPool, type LargeBodyPool } from '../bodies/pool.ts';
import type { Config } from '../config/config.ts';
import { policyReader } from '../policy/thread.ts';
import type { PolicyWork } from '../rollout/active-policy.ts';
import { domainLearner } from '../signals/domain/thread.ts';
import { openDeep, type OpenDeep } from './deep-judge.ts';

export interface OpenJudging extends OpenDeep {
  readonly largeBodies: LargeBodyPool;
  readonly policyWork: PolicyThreads;
}

export interface PolicyThreads extends PolicyWork {
  /** How often one ended by itself. */
  restarts(): number;
  close(): Promise<void>;
}

interface Words {
  readonly printLine: (line: string) => void;
  readonly warn: (words: string) => void;
}

export function openJudging(config: Config, { printLine, warn }: Words): OpenJudging {
  const deep = openDeep(config, printLine);
  const largeBodies = largeBodyPool({ onEnd: warn });
  const policyWork = openPolicyWork(warn);
  return {
    ...deep,
    largeBodies,
    policyWork,
    close: async () => {
      await Promise.all([deep.close(), largeBodies.close(), policyWork.close()]);
    },
  };
}

function openPolicyWork(onEnd: (words: string) => void): PolicyThreads {
  const [reader, learner] = [policyReader({ onEnd }), domainLearner({ onEnd })];
  return {
    read: reader.read,
    learn: learner.learn,
    restarts: () => reader.restarts() + learner.restarts(),
    close: async () => {
      await Promise.all([reader.close(), learner.close()]);
    },
  };
}
