/** The threads that judge: the deep judge's, and those that read large bodies. */
import { largeBodyPool, type LargeBodyPool } from '../bodies/pool.ts';
import type { Config } from '../config/config.ts';
import { openDeep, type OpenDeep } from './deep-judge.ts';

export interface OpenJudging extends OpenDeep {
  readonly largeBodies: LargeBodyPool;
}

interface Words {
  readonly printLine: (line: string) => void;
  readonly warn: (words: string) => void;
}

export function openJudging(config: Config, { printLine, warn }: Words): OpenJudging {
  const deep = openDeep(config, printLine);
  const largeBodies = largeBodyPool({ onEnd: warn });
  return {
    ...deep,
    largeBodies,
    close: async () => {
      await Promise.all([deep.close(), largeBodies.close()]);
    },
  };
}
