/** Reads errors of every shape that servers send into OpenAI's four members, and finds their cause. */
import type { Locality } from '../../core/decision.ts';
import { UpstreamError, type AttemptCause, type WireError } from '../../core/errors.ts';
import type { CleanWords } from '../clean-words.ts';
import { isGiven, isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { givenUpAs } from '../../wire/finish-reason.ts';

/** The facts that decide a refusal's cause, besides its text. */
export interface RefusalContext {
  readonly upstream: string;
  readonly locality: Locality;
  /** True if the caller named this model: an unknown one is then the caller's mistake. */
  readonly isCallersModel: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** False where no variable of the environment gives this kind its key by itself. */
  readonly takesOpenaiKey?: false;
  /** Takes the operator's secrets and addresses out of what the server says. */
  readonly clean?: CleanWords;
}

/** The error for an error status. `text` is the part of the body that was read. */
export function refusal(status: number, text: string, context: RefusalContext): UpstreamError {
  const wire = wireErrorOf(parsed(text), status) ?? plainText(status, text, context.upstream);
  return upstreamError(status, wire, context);
}

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
function wireErrorOf(body: unknown, status: number): WireError | undefined {
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
function statusInside(body: JsonObject): number | undefined {
  const source = isObject(body['error']) ? body['error'] : body;
  const { code, status_code: statusCode } = source;
  const status = typeof code === 'number' ? code : statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : undefined;
}

const CONTEXT_WORDS =
  /context[_ ](length|size|window)|maximum context|n_ctx|prompt is too long|too many tokens|exceeds? the (available|maximum|model'?s) /i;

/** Texts of servers that lack a capability: they name the unsupported part of the request. */
const ABILITY_WORDS =
  /\b(tools?|tool_choice|tool_calls?|functions?|param(eter)?s?|argument|unsupported|not support(ed)?|response_format|json_schema|schema|grammar|images?|image_url|mmproj|audio|multimodal|logprobs|logit_bias|stream_options|roles?|template|jinja|reasoning_effort|body\.)/i;

function causeOf(status: number, wire: WireError, context: RefusalContext): AttemptCause {
  if (isOverflow(status, wire)) return 'context_overflow';
  if (isMissingAbility(status, wire, context)) return 'not_capable';
  if (isLoading(status, wire, context)) return 'loading';
  // Of an empty account too, with whatever status.
  if (causeOfCode(wire) === 'rate_limited') return 'rate_limited';
  return CAUSE_OF_STATUS[status] ?? causeOfClass(status);
}

const isOverflow = (status: number, wire: WireError): boolean =>
  wire.code === 'context_length_exceeded' ||
  wire.type === 'exceed_context_size_error' ||
  (MAY_BE_ABOUT_THE_REQUEST.has(status) && CONTEXT_WORDS.test(wire.message));

const MAY_BE_ABOUT_THE_REQUEST = new Set([400, 413, 422, 500, 501]);

function isMissingAbility(status: number, wire: WireError, context: RefusalContext): boolean {
  // A missing model or route is the gateway's choice of target, unless the caller chose it.
  if (status === 404) return context.locality === 'local' || !context.isCallersModel;
  if (!MAY_BE_ABOUT_THE_REQUEST.has(status)) return false;
  if (context.locality !== 'local') return !context.isCallersModel && isRefusedParameter(wire);
  return wire.param !== null || ABILITY_WORDS.test(wire.message);
}

const PARAMETER_CODES: ReadonlySet<string> = new Set([
  'unsupported_parameter',
  'unsupported_value',
  'unknown_parameter',
  'string_above_max_length',
  'array_above_max_length',
  'integer_above_max_value',
  'decimal_above_max_value',
  'extra_forbidden',
]);

/** OpenAI's words, and those of servers that know no codes (Mistral, Groq, pydantic, Anthropic's). */
const PARAMETER_WORDS =
  /unsupported (parameter|value|param)|(parameter|param|value|argument|field|property|input)s? .{0,80}(not|un)[ -]?(supported|permitted|allowed|recogni[sz]ed|known)|unrecogni[sz]ed|unknown (parameter|param|field|argument|property)|unexpected (keyword|field|property|argument)|not supported (with|by|for) this model|does not support|supports at most|additional properties|array too long/i;
/** A limit of one model's that says which member is beyond it. */
const MEMBER_LIMITS =
  /\b(temperature|top_[pk]|n|stop|stop_sequences|seed|logprobs|top_logprobs|logit_bias|max_\w*tokens|reasoning_effort|effort|verbosity|(frequency|presence)_penalty|response_format|tool_choice|parallel_tool_calls|thinking)\b.{0,40}\b(must be|should be|may only|can only|too (large|long|many|high)|is not available|range|at most|less than)\b/i;

/** About a part of the request that another model may well take; not about what the request says. */
const isRefusedParameter = ({ code, message }: WireError): boolean =>
  PARAMETER_CODES.has(code ?? '') || PARAMETER_WORDS.test(message) || MEMBER_LIMITS.test(message);

/** A local server that loads its model, as llama.cpp's says, is not ill. */
const isLoading = (status: number, { message }: WireError, { locality }: RefusalContext): boolean =>
  status === 503 && locality === 'local' && LOADING_WORDS.test(message);

const LOADING_WORDS = /\bloading (the )?model\b|\bmodel is (still |currently )?loading\b/i;

/** 402: the account is empty, of which OpenAI says 429. 413: a limit of the server's, or of a proxy before it. */
const CAUSE_OF_STATUS: Readonly<Record<number, AttemptCause>> = {
  401: 'auth',
  402: 'rate_limited',
  403: 'auth',
  408: 'timeout',
  409: 'overloaded',
  413: 'context_overflow',
  425: 'overloaded',
  429: 'rate_limited',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
};

function causeOfClass(status: number): AttemptCause {
  if (status >= 500) return 'server_error';
  return status >= 400 ? 'rejected' : 'bad_answer';
}

const CAUSE_OF_CODE: ReadonlyMap<string, AttemptCause> = new Map([
  ['context_length_exceeded', 'context_overflow'],
  ['rate_limit_exceeded', 'rate_limited'],
  ['insufficient_quota', 'rate_limited'],
  ['insufficient_balance', 'rate_limited'],
  ['budget_exceeded', 'rate_limited'],
  ['rate_limit_error', 'rate_limited'],
  ['overloaded_error', 'overloaded'],
  ['slow_down', 'overloaded'],
]);

const causeOfCode = ({ code, type }: WireError): AttemptCause | undefined =>
  CAUSE_OF_CODE.get(code ?? '') ?? CAUSE_OF_CODE.get(type);
