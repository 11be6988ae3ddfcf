/** The content of an assistant's message or delta as OpenAI has it: a text. */
import { isObject, textIn, type Json, type JsonObject } from '../lib/json.ts';

const isText = (part: Json): boolean =>
  isObject(part) && (part['type'] ?? 'text') === 'text' && typeof part['text'] === 'string';

/** Parts of text joined; the very same object where content is none, or holds parts of other kinds. */
export function withPlainContent(message: JsonObject): JsonObject {
  const { content } = message;
  if (!Array.isArray(content) || !content.every(isText)) return message;
  const texts = content.map((part: Json) => (isObject(part) ? textIn(part['text']) : ''));
  return { ...message, content: texts.join('') };
}
