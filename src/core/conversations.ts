/** Where conversations are being answered, so that they stay there. */
import type { Place } from './decision.ts';

/** Loss is harmless: a thread that is not known is judged afresh. */
export interface Threads {
  get(key: string): Place | undefined;
  remember(key: string, place: Place): void;
}
