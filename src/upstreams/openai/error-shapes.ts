/** Reads what servers say when they fail: errors of every shape as OpenAI's four members, and errors inside answers that claim success. */
import type { WireError } from '../../core/errors.ts';
import { isGiven, isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { givenUpAs } from '../../wire/finish-reason.ts';

/** The error of an answer with an error status. `text` is the part of the body that was read. */
export const errorOfText = (status: number, text: string, upstream: string): WireError =>
  wireErrorOf(parsed(text), status) ?? plainText(status, text, upstream);

/**
 * The error inside a body or a stream's event that claims success, as `errorInAnswer` reads it; undefined where
 * none is. Servers put it at the top or flat (SGLang, FastAPI), or into a choice (OpenRouter).
 */
export function failureIn(body: JsonObject): JsonObject | undefined {
  const { error, type, object, choices } = body;
  // A Responses object carries `error`; its own failures are answers, with `status: failed`.
  if (object === 'response') return undefined;
  if (type === 'error' || object === 'error' || Boolean(error)) return body;
  if (Array.isArray(choices)) return failureOfChoices(choices);
  const isAnswer = RESULTS.some((member) => isGiven(body[member]));
  return !isAnswer && messageIn(body) !== undefined ? body : undefined;
}

function failureOfChoices(choices: readonly Json[]): JsonObject | undefined {
  for (const choice of choices) {
    if (!isObject(choice)) continue;
    const { error } = choice;
    if (isGiven(error) && error !== false) return { error };
    const reason = givenUpAs(choice);
    if (reason !== undefined)
      return { error: { message: `The server gave its answer up: ${reason}.` } };
  }
  return undefined;
}

/** Members of answers and events beside which a message is no error. */
const RESULTS = ['type', 'output', 'data', 'usage', 'response'] as const;

/** Google's servers put the error into a list. */
function parsed(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    return Array.isArray(body) && body.length === 1 ? (body[0] as unknown) : body;
  } catch {
    return undefined;
  }
}

/**
 * OpenAI's `{error:{…}}`, `{error:"…"}`, the flat `{message,…}`, FastAPI's `{detail:…}`; numeric codes become strings. Undefined
 * if the body has no message.
 */
export function wireErrorOf(body: unknown, status: number): WireError | undefined {
  if (!isObject(body)) return undefined;
  const inner = body['error'];
  const source = isObject(inner) ? inner : body;
  const message = typeof inner === 'string' ? inner : (messageIn(source) ?? messageIn(body));
  if (message === undefined) return undefined;
  return {
    message,
    type:
      (source['type'] === 'error' ? undefined : nonEmpty(source['type'])) ??
      nonEmpty(body['error_type']) ??
      typeOf(status),
    param: nonEmpty(source['param']) ?? null,
    code: codeIn(source['code'] ?? source['error_code'] ?? source['errcode']),
  };
}

function messageIn(source: JsonObject): string | undefined {
  const { message, detail, errors, base_resp: base } = source;
  return (
    nonEmpty(message) ??
    nonEmpty(detail) ??
    firstDetail(detail) ??
    firstError(errors) ??
    ofBase(base) ??
    ofStatus(source)
  );
}

/** Cloudflare's list: `{success: false, errors: [{code: 7000, message: "…"}]}`. */
function firstError(errors: Json | undefined): string | undefined {
  const first = Array.isArray(errors) ? (errors as readonly Json[])[0] : undefined;
  return isObject(first) ? nonEmpty(first['message']) : nonEmpty(first);
}

/** MiniMax's status beside the answer: `{status_code: 1004, status_msg: "…"}`, 0 where all went well. */
function ofBase(base: Json | undefined): string | undefined {
  if (!isObject(base) || base['status_code'] === 0) return undefined;
  return nonEmpty(base['status_msg']);
}

/** Chinese clouds' form: `{code: 1113, msg: "…", data: null}`, and with longer names, where 0 and 200 say that all went well. */
function ofStatus(source: JsonObject): string | undefined {
  const code = codeIn(source['code'] ?? source['error_code'] ?? source['errcode']);
  if (code === null || code === '0' || code === '200') return undefined;
  return nonEmpty(source['msg']) ?? nonEmpty(source['error_msg']) ?? nonEmpty(source['errmsg']);
}

/** FastAPI's list: `[{loc: ["body", "tools"], msg: "…"}]`. */
function firstDetail(detail: Json | undefined): string | undefined {
  const first = Array.isArray(detail) ? detail[0] : undefined;
  if (!isObject(first)) return undefined;
  const { loc, msg } = first;
  const place = Array.isArray(loc) ? `${loc.join('.')}: ` : '';
  return typeof msg === 'string' ? `${place}${msg}` : undefined;
}

const nonEmpty = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const codeIn = (value: Json | undefined): string | null =>
  typeof value === 'number' ? String(value) : (nonEmpty(value) ?? null);

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

const LONGEST_PLAIN_MESSAGE = 500;
function plainText(status: number, text: string, upstream: string): WireError {
  if (status >= 300 && status < 400) return redirected(status, upstream);
  const words = text.trim();
  const isPage = words.startsWith('<');
  const silent = `'${upstream}' answered with status ${status} and ${isPage ? 'a web page' : 'no message'}.`;
  const message = isPage || NO_WORDS.test(words) ? silent : words.slice(0, LONGEST_PLAIN_MESSAGE);
  return { message, type: typeOf(status), param: null, code: null };
}

/** Nothing, and JSON that says nothing. */
const NO_WORDS = /^(\{\}|\[\]|""|null)?$/;
const redirected = (status: number, upstream: string): WireError => ({
  message: `'${upstream}' answered with a redirect (${status}), which is not followed: its \`url\` must be where it points.`,
  type: 'server_error',
  param: null,
  code: null,
});

/** A status that an error object carries, as llama.cpp and vLLM do in `code`. */
export function statusInside(body: JsonObject): number | undefined {
  const source = isObject(body['error']) ? body['error'] : body;
  const { code, status_code: statusCode } = source;
  const status = typeof code === 'number' ? code : statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : undefined;
}
