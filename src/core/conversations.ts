/** Where conversations are being answered, so that they stay there. */
import type { Soon } from '../lib/soon.ts';
import type { Deadline } from './deadline.ts';
import type { ConversationPlace } from './decision.ts';

/** Loss is harmless: a thread that is not known, or not known in time, is judged afresh. */
export interface Conversations {
  get(key: string, deadline: Deadline): Soon<ConversationPlace | undefined>;
  /** Never waited for, and never throws. */
  remember(key: string, place: ConversationPlace): void;
}
