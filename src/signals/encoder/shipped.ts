/** The deep judge's head as it ships: read by its thread alone, for its size. */
import type { DeepFile } from './deep-file.ts';
import shipped from './deep.json' with { type: 'json' };

export const shippedDeep: DeepFile = shipped;
