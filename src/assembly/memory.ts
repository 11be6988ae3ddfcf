/** The one budget of bytes that comes from outside, for all parts that keep some. */
import type { Config } from '../config/config.ts';
import { defaultBufferedBytes } from '../http/admission/buffers.ts';
import { ByteBudget } from '../lib/byte-budget.ts';
import { collectGarbage } from '../lib/collect-garbage.ts';

export const memoryBudget = ({ limits }: Config): ByteBudget =>
  new ByteBudget(limits.maxBufferedBytes ?? defaultBufferedBytes(), collectGarbage);
