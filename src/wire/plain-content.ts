/** The content of an assistant's message or delta as OpenAI has it: a text. */
import { isObject, textIn, type Json, type JsonObject } from '../lib/json.ts';

const isText = (part: Json): boolean =>
  isObject(part) && (part['type'] ?? 'text') === 'text' && typeof part['text'] === 'string';

/** Mistral's, where a model has thought: parts of text again, or a text. */
const isThinking = (part: Json): boolean => isObject(part) && part['type'] === 'thinking';

/**
 * Parts of text joined, and parts of thinking in `reasoning_content`, where other servers have it; the very same object where content
 * is none, or holds parts of other kinds.
 */
export function withPlainContent(message: JsonObject): JsonObject {
  const { content } = message;
  if (!Array.isArray(content)) return message;
  const parts: readonly Json[] = content;
  if (!parts.every((part) => isText(part) || isThinking(part))) return message;
  const texts = parts.filter(isText);
  const thought = parts.filter(isThinking).map(thoughtIn).join('');
  const hasOnlyThought = texts.length === 0 && parts.length > 0;
  return {
    ...message,
    content: hasOnlyThought ? null : textOf(texts),
    ...(thought === '' ? {} : { reasoning_content: thought }),
  };
}

const textOf = (parts: readonly Json[]): string =>
  parts.map((part) => (isObject(part) ? textIn(part['text']) : '')).join('');

function thoughtIn(part: Json): string {
  const thinking = isObject(part) ? part['thinking'] : undefined;
  return Array.isArray(thinking) ? textOf(thinking as readonly Json[]) : textIn(thinking);
}
