/** What is put right in the whole answer of any server, by what it answers. */
import type { Call } from '../../core/call.ts';
import type { JsonObject } from '../../lib/json.ts';
import { isCallForced } from '../../wire/finish-reason.ts';
import { toolCallIds } from '../../wire/tool-call-pieces.ts';
import { mendedChoices } from '../../wire/whole-choices.ts';
import { responseChanges } from './full-response.ts';
import { vectorChanges } from './vectors.ts';

export interface AnswerOf {
  /** The model that was asked for. */
  readonly model: string;
  readonly upstream: string;
}

/**
 * The changed members; empty where nothing is wrong.
 * @throws UpstreamError for embeddings that are none.
 */
export function answerChanges(body: JsonObject, call: Call, of: AnswerOf): JsonObject {
  switch (call.operation) {
    case 'chat':
    case 'text_completion':
      return choiceChanges(body, call);
    case 'embeddings':
      return vectorChanges(body, call, of);
    case 'responses':
      return responseChanges(body, call.body);
    case 'messages':
    case 'passthrough':
      return {};
  }
}

function choiceChanges({ choices }: JsonObject, { operation, id, body }: Call): JsonObject {
  if (!Array.isArray(choices)) return {};
  const mended = mendedChoices(choices, {
    isChat: operation === 'chat',
    newCallId: toolCallIds(id),
    isCallForced: isCallForced(body),
  });
  return mended === undefined ? {} : { choices: mended };
}
