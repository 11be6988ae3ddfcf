/**
 * Every readable text that is sent upstream with a request. Residency constraints are evaluated
 * against all of it, not only the messages.
 */
import type { Call } from '../core/call.ts';
import type { Turn } from '../core/signal.ts';
import { textsIn } from '../lib/json-texts.ts';

/** The texts of the body (also of a passthrough body), of the query and of the forwarded headers. */
export function outboundTexts(call: Call, turns: readonly Turn[]): readonly string[] {
  const isRead = Object.keys(call.body).length > 0;
  const body: unknown = isRead ? call.body : turns.map(({ text }) => formDecoded(call, text));
  return textsIn([body, pathTexts(call.path), Object.values(call.forwardHeaders)]);
}

/** `/route?a=b+c`: each part as written, and as a server decodes it. */
const pathTexts = (path: string): readonly string[] => path.split(/[/?&=]/).flatMap(bothWays);

/** In a query a plus sign is a space, but telephone numbers are written with one. */
const bothWays = (text: string): readonly string[] =>
  text.includes('+') ? [text, text.replaceAll('+', ' ')] : [text];

/** Decodes a form: fields separated, plus signs as spaces. */
function formDecoded({ contentType }: Call, text: string): unknown {
  return contentType.startsWith('application/x-www-form-urlencoded')
    ? text.split(/[&=]/).flatMap(bothWays)
    : text;
}
