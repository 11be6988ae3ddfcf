/** Which model answers a conversation, for all replicas, on Redis: digests and names, no text. */
import { CONVERSATION_IDLE_MS } from '../memory/conversations.ts';
import type { Conversations } from '../../core/conversations.ts';
import type { ConversationPlace } from '../../core/decision.ts';
import type { RedisLink } from './link.ts';

const nameOf = (key: string): string => `smallfirst:conversation:${key}`;

/** Asked for what is not `here`: a turn that was answered here is known at once. */
export function redisConversations(link: RedisLink, here: Conversations): Conversations {
  return {
    get: (key, deadline) => {
      const own = here.get(key, deadline);
      if (own !== undefined || link.isAlone()) return own;
      return link.ask((redis) => redis.get(nameOf(key))).then(placeIn);
    },
    remember: (key, place) => {
      here.remember(key, place);
      if (link.isAlone()) return;
      const text = JSON.stringify(place);
      link.ask((redis) => redis.set(nameOf(key), text, 'PX', CONVERSATION_IDLE_MS)).catch(() => {});
    },
  };
}

function placeIn(text: string | null): ConversationPlace | undefined {
  if (text === null) return undefined;
  const place: ConversationPlace = JSON.parse(text);
  return place;
}
