/** Remembers which upstream holds the state of a response that it answered itself. */
import type { Call } from '../../core/call.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { Answer, StreamEvent } from '../../core/upstream.ts';

/** The answer unchanged; `bind` is called with its id once it is known, unless nothing is to be stored. */
export function remembered(answer: Answer, call: Call, bind: (id: string) => void): Answer {
  if (call.body['store'] === false) return answer;
  switch (answer.kind) {
    case 'whole':
      bindId(answer.body, bind);
      return answer;
    case 'stream':
      return { ...answer, events: watched(answer.events, bind) };
    case 'raw':
      return answer;
  }
}

function watched(
  events: AsyncIterator<StreamEvent>,
  bind: (id: string) => void,
): AsyncIterator<StreamEvent> {
  let isKnown = false;
  return {
    async next() {
      const step = await events.next();
      const response = step.done === true || isKnown ? undefined : step.value.data?.['response'];
      if (isObject(response)) {
        isKnown = true;
        bindId(response, bind);
      }
      return step;
    },
    return: async () => (await events.return?.()) ?? { done: true, value: undefined },
  };
}

function bindId(response: JsonObject, bind: (id: string) => void): void {
  if (typeof response['id'] === 'string') bind(response['id']);
}
