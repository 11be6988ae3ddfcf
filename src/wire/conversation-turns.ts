/** The caller's side of a conversation: how it began, and what each of the model's answers was an answer to. */
import { isObject, type Json, type JsonObject, objectsIn, textIn } from '../lib/json.ts';

/** Messages of a chat, or input items of `/v1/responses`, as text that does not depend on their spelling. */
export interface ConversationTurns {
  /** Everything before the model first spoke: the same in every turn. */
  readonly beginning: string;
  /** What its first request asked: the beginning without instructions. */
  readonly askedFirst: string;
  /** What this request asks: everything since the model last spoke. */
  readonly asked: string;
  /** What the model's last answer was an answer to; undefined when it has not spoken yet. */
  readonly askedBefore?: string;
}

export function conversationTurns(body: JsonObject): ConversationTurns {
  const items = itemsOf(body['messages'] ?? body['input']);
  const first = items.findIndex(isOfModel);
  const instructions = textIn(body['instructions']);
  const askedFirst = shown(first < 0 ? items : items.slice(0, first));
  const beginning = instructions === '' ? askedFirst : `${instructions}\n${askedFirst}`;
  if (first < 0) return { beginning, askedFirst, asked: askedFirst };
  const last = items.findLastIndex(isOfModel);
  const asked = shown(items.slice(last + 1));
  const answered = items.slice(0, last + 1).findLastIndex((item) => !isOfModel(item)) + 1;
  const before = items.slice(0, answered).findLastIndex(isOfModel) + 1;
  return { beginning, askedFirst, asked, askedBefore: shown(items.slice(before, answered)) };
}

const itemsOf = (list: Json | undefined): readonly JsonObject[] =>
  typeof list === 'string' ? [{ role: 'user', content: list }] : objectsIn(list);

/** An assistant's message, or an item that only a model writes: reasoning, a call of a tool. */
function isOfModel({ role, type }: JsonObject): boolean {
  if (typeof role === 'string') return role === 'assistant';
  return typeof type === 'string' && type !== 'message' && !type.endsWith('_output');
}

/** Texts between lengths, so that no two lists look alike. */
function shown(items: readonly JsonObject[]): string {
  let all = '';
  for (const item of items) {
    const texts = textsOf(item['content'] ?? item['output']);
    all += `${textIn(item['role'])} ${texts.length} ${textIn(item['tool_call_id']) || textIn(item['call_id'])}\n`;
    for (const text of texts) all += `${text.length} ${brief(text)}\n`;
  }
  return all;
}

/** A string and a part with that text are the same; what clients add to a part (`cache_control`) is no part of it. */
function textsOf(content: Json | undefined): readonly string[] {
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) return [];
  return (content as readonly Json[]).map((part) =>
    isObject(part) && typeof part['text'] === 'string'
      ? part['text']
      : JSON.stringify(part, (_, value: unknown) =>
          typeof value === 'string' ? brief(value) : value,
        ),
  );
}

/** Characters of each end by which a long text is known again, with its length. */
const KNOWN_BY = 4_000;

const brief = (text: string): string =>
  text.length <= 2 * KNOWN_BY
    ? text
    : `${text.length} ${text.slice(0, KNOWN_BY)} ${text.slice(-KNOWN_BY)}`;
