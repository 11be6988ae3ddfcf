/** Where conversations are being answered, so that they stay there. */
import type { Target } from './decision.ts';

/** The target that answered a thread last. */
export type Place = Pick<Target, 'tier' | 'upstream' | 'model'>;

/** Loss is harmless: a thread that is not known is judged afresh. */
export interface Threads {
  get(key: string): Place | undefined;
  remember(key: string, place: Place): void;
}
