/** The target that answers each conversation: session affinity. */
import type { Soon } from '../lib/soon.ts';
import type { Deadline } from './deadline.ts';
import type { ConversationPlace } from './decision.ts';

/** Loss is harmless: a conversation that is unknown, or not known in time, is routed like a new one. */
export interface Conversations {
  get(key: string, deadline: Deadline): Soon<ConversationPlace | undefined>;
  /** Never waited for, and never throws. */
  remember(key: string, place: ConversationPlace): void;
}
