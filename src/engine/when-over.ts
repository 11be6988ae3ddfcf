/** Collects the text of an answer while it passes, and hands it on when it is over. */
import type { Operation } from '../core/call.ts';
import type { Answer } from '../core/upstream.ts';
import { draftReader, type DraftSoFar } from '../wire/draft.ts';
import { mapEvents, showTo } from '../wire/events.ts';

/** The same answer; calls with what it said, if it came to its end. What is no chat is never read. */
export function whenOver(
  answer: Answer,
  operation: Operation,
  over: (said: DraftSoFar) => void,
): Answer {
  const reader = draftReader(operation);
  if (reader === undefined || answer.kind === 'raw') return answer;
  const { said } = reader;
  if (answer.kind === 'whole') {
    reader.observe(answer.body);
    over(said);
    return answer;
  }
  const events = mapEvents(answer.events, {
    push: (event) => {
      showTo(reader, event);
      return event;
    },
    end: () => {
      over(said);
      return [];
    },
  });
  return { ...answer, events };
}
