/** Finds the cause of a refusal, which decides what comes next, in its status, its code and its words. */
import type { Locality } from '../../core/decision.ts';
import type { AttemptCause, WireError } from '../../core/errors.ts';

/** The facts that decide a cause beside what the server says. */
export interface CauseContext {
  readonly locality: Locality;
  /** True if the caller named this model: an unknown one is then the caller's mistake. */
  readonly isCallersModel: boolean;
}

export function causeOf(status: number, wire: WireError, context: CauseContext): AttemptCause {
  if (isOverflow(status, wire)) return 'context_overflow';
  if (isMissingAbility(status, wire, context)) return 'not_capable';
  if (isLoading(status, wire, context)) return 'loading';
  // Of an empty account too, with whatever status.
  if (causeOfCode(wire) === 'rate_limited') return 'rate_limited';
  return CAUSE_OF_STATUS[status] ?? causeOfClass(status);
}

const CONTEXT_WORDS =
  /context[_ ](length|size|window)|maximum context|n_ctx|prompt is too long|too many tokens|exceeds? the (available|maximum|model'?s) /i;

/** Texts of servers that lack a capability: they name the unsupported part of the request. */
const ABILITY_WORDS =
  /\b(tools?|tool_choice|tool_calls?|functions?|param(eter)?s?|argument|unsupported|not support(ed)?|response_format|json_schema|schema|grammar|images?|image_url|mmproj|audio|multimodal|logprobs|logit_bias|stream_options|roles?|template|jinja|reasoning_effort|body\.)/i;

const isOverflow = (status: number, wire: WireError): boolean =>
  wire.code === 'context_length_exceeded' ||
  wire.type === 'exceed_context_size_error' ||
  (MAY_BE_ABOUT_THE_REQUEST.has(status) && CONTEXT_WORDS.test(wire.message));

const MAY_BE_ABOUT_THE_REQUEST = new Set([400, 413, 422, 500, 501]);

function isMissingAbility(status: number, wire: WireError, context: CauseContext): boolean {
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
const isLoading = (status: number, { message }: WireError, { locality }: CauseContext): boolean =>
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

export const causeOfCode = ({ code, type }: WireError): AttemptCause | undefined =>
  CAUSE_OF_CODE.get(code ?? '') ?? CAUSE_OF_CODE.get(type);
