/** Where conversations are being answered, so that they stay there. */
import type { ConversationPlace } from './decision.ts';

/** Loss is harmless: a thread that is not known is judged afresh. */
export interface Conversations {
  get(key: string): ConversationPlace | undefined;
  remember(key: string, place: ConversationPlace): void;
}
