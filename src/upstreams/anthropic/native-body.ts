/** A caller's own `/v1/messages` request, as one model is to read it. */
import type { Call } from '../../core/call.ts';
import { spliceJson } from '../../lib/json-splice.ts';
import { type Json, type JsonObject, objectsIn } from '../../lib/json.ts';

/**
 * The caller's bytes, with the name of the model in them. Only if they hold unsigned thinking, which another model wrote and this one
 * would refuse, the messages are serialised again without it.
 */
export function nativeBody({ body, payload }: Call, model: string): Buffer {
  const messages = objectsIn(body['messages']);
  const changes: Record<string, string> = {};
  if (body['model'] !== model) changes['model'] = JSON.stringify(model);
  if (messages.some(hasUnsigned)) {
    changes['messages'] = JSON.stringify(messages.flatMap(withoutUnsigned));
  }
  return Object.keys(changes).length === 0 ? payload : spliceJson(payload, changes);
}

const isUnsigned = (block: Json): boolean =>
  objectsIn([block]).some(({ type, signature }) => type === 'thinking' && !signature);

const hasUnsigned = ({ content }: JsonObject): boolean => objectsIn(content).some(isUnsigned);

/** A message of nothing else goes with it. */
function withoutUnsigned(message: JsonObject): readonly JsonObject[] {
  if (!hasUnsigned(message)) return [message];
  const content = objectsIn(message['content']).filter((block) => !isUnsigned(block));
  return content.length === 0 ? [] : [{ ...message, content }];
}
