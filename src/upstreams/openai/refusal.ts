/** Makes the `UpstreamError` of what a server refused or failed at. */
import { UpstreamError, type WireError } from '../../core/errors.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { CleanWords } from '../clean-words.ts';
import { causeOf, causeOfCode, type CauseContext } from './error-cause.ts';
import { errorOfText, statusInside, wireErrorOf } from './error-shapes.ts';

export interface RefusalContext extends CauseContext {
  readonly upstream: string;
  readonly headers: Readonly<Record<string, string>>;
  /** False where no variable of the environment gives this kind its key by itself. */
  readonly takesOpenaiKey?: false;
  /** Takes the operator's secrets and addresses out of what the server says. */
  readonly clean?: CleanWords;
}

/** The error for an error status. `text` is the part of the body that was read. */
export function refusal(status: number, text: string, context: RefusalContext): UpstreamError {
  return upstreamError(status, errorOfText(status, text, context.upstream), context);
}

/** The error that `failureIn` found: a failure whatever its status, because the server had claimed success. */
export function errorInAnswer(body: JsonObject, context: RefusalContext): UpstreamError {
  const status = statusInside(body);
  const fallback = { type: 'server_error', param: null, code: null };
  const message = `'${context.upstream}' reported an error without a message.`;
  const wire = wireErrorOf(body, status ?? 500) ?? { message, ...fallback };
  if (status !== undefined) {
    const said = causeOf(status, wire, context);
    return upstreamError(status, wire, context, said === 'rejected' ? 'bad_answer' : said);
  }
  const cause = causeOfCode(wire) ?? 'server_error';
  const shown = cleaned(wire, context);
  return new UpstreamError(cause, shown.message, { wire: shown, headers: context.headers });
}

function upstreamError(
  status: number,
  wire: WireError,
  context: RefusalContext,
  cause = causeOf(status, wire, context),
): UpstreamError {
  const clean = cleaned(wire, context);
  const shown = cause === 'auth' ? { ...clean, message: ourKey(status, clean, context) } : clean;
  // A redirect is no answer for a caller.
  const told = status < 400 ? {} : { status };
  return new UpstreamError(cause, shown.message, {
    wire: shown,
    ...told,
    headers: context.headers,
  });
}

/** Replaces only its words: the kind of error was decided by what the server said. */
function cleaned({ message, type, param, code }: WireError, { clean }: RefusalContext): WireError {
  if (clean === undefined) return { message, type, param, code };
  return {
    message: clean(message),
    type: clean(type),
    param: param === null ? null : clean(param),
    code: code === null ? null : clean(code),
  };
}

/** A caller who reads 'incorrect API key' would look at his own. */
function ourKey(status: number, { message }: WireError, context: RefusalContext): string {
  const refused = status === 401 ? 'key' : 'account';
  const variable = context.takesOpenaiKey === false ? '' : ', or OPENAI_API_KEY';
  return `'${context.upstream}' refuses the gateway's own ${refused}, not yours; whoever runs the gateway sets \`apiKey\` of this upstream${variable} (${status}: ${message})`;
}
