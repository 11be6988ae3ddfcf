/** Ends a request with a cached answer: nothing was reserved for it, and no upstream is asked. */
import type { Conversations } from '../core/conversations.ts';
import type { ConversationPlace } from '../core/decision.ts';
import { mapEvents } from '../wire/events.ts';
import type { Cached } from './answer-cache.ts';
import type { ExecutionResult } from './outcome.ts';
import { stoppedBy } from './failures.ts';
import { answerAgain } from './kept-answer.ts';
import type { OpenRecord } from './record.ts';
import type { Routing } from './routing.ts';

interface Again {
  readonly routing: Routing;
  readonly cached: Extract<Cached, { keep?: undefined; again: object }>;
  readonly record: OpenRecord;
  readonly abort: AbortSignal;
}

export function answeredAgain(
  { routing, cached, record, abort }: Again,
  conversations: Conversations,
): ExecutionResult {
  const { use: cache, again } = cached;
  const { target, usage } = again;
  remember(routing, target, conversations);
  const end = (failure: { readonly error?: unknown } = {}): void =>
    record.finish({ attempts: [], cache, ...failure, ...(usage && { usage }) }, routing);
  const answer = answerAgain(again);
  const given = { target, attempts: [], isCached: true } as const;
  if (answer.kind === 'stream') {
    const events = mapEvents(answer.events, {
      push: (event) => event,
      closed: (_, isDone) =>
        isDone && !abort.aborted ? end() : end({ error: stoppedBy(abort, undefined) }),
    });
    return { ...given, answer: { ...answer, events } };
  }
  end();
  return { ...given, answer };
}

/** Notes which target answered, for the conversation's next turn. */
export function remember(
  { ask, snapshot }: Routing,
  place: ConversationPlace,
  conversations: Conversations,
): void {
  const keys = ask.kind === 'routed' ? (snapshot.threadKeys ?? []) : [];
  for (const key of keys) conversations.remember(key, place);
}
