/** All that leaves with a request and could be read: what residency must be judged by. */
import type { Call } from '../core/call.ts';
import type { Turn } from '../core/signal.ts';
import { textsIn } from '../lib/json-texts.ts';

/** The body's texts, or those of a body that is only carried; the query; the headers that travel. */
export function outboundTexts(call: Call, turns: readonly Turn[]): readonly string[] {
  const isRead = Object.keys(call.body).length > 0;
  const body: unknown = isRead ? call.body : turns.map(({ text }) => formDecoded(call, text));
  return textsIn([body, pathTexts(call.path), Object.values(call.forwardHeaders)]);
}

/** `/route?a=b+c`: each part as it stands, and as a server reads it. */
const pathTexts = (path: string): readonly string[] => path.split(/[/?&=]/).flatMap(bothWays);

/** In a query a plus sign is a blank, but people write telephone numbers with one. */
const bothWays = (text: string): readonly string[] =>
  text.includes('+') ? [text, text.replaceAll('+', ' ')] : [text];

/** A form's fields are told apart, and its blanks are plus signs. */
function formDecoded({ contentType }: Call, text: string): unknown {
  return contentType.startsWith('application/x-www-form-urlencoded')
    ? text.split(/[&=]/).flatMap(bothWays)
    : text;
}
