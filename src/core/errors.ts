/**
 * Every gateway error that a caller can see: one row each, grouped by whose fault it is. The code is
 * stable, and a metric label. Statuses and types are OpenAI's, so that SDKs map them to their classes.
 */
const CODES = {
  caller_bad_json: { status: 400, type: 'invalid_request_error' },
  caller_invalid: { status: 400, type: 'invalid_request_error' },
  caller_too_deep: { status: 400, type: 'invalid_request_error' },
  caller_context_length: { status: 400, type: 'invalid_request_error' },
  caller_bad_key: { status: 401, type: 'invalid_request_error' },
  caller_forbidden: { status: 403, type: 'invalid_request_error' },
  caller_bad_host: { status: 403, type: 'invalid_request_error' },
  caller_cross_site: { status: 403, type: 'invalid_request_error' },
  caller_unknown_model: { status: 404, type: 'invalid_request_error' },
  caller_unknown_route: { status: 404, type: 'invalid_request_error' },
  caller_not_found: { status: 404, type: 'invalid_request_error' },
  caller_wrong_method: { status: 405, type: 'invalid_request_error' },
  caller_too_slow: { status: 408, type: 'invalid_request_error' },
  caller_body_too_large: { status: 413, type: 'invalid_request_error' },
  caller_media_type: { status: 415, type: 'invalid_request_error' },
  caller_encoding: { status: 415, type: 'invalid_request_error' },
  caller_outdated: { status: 409, type: 'invalid_request_error' },
  caller_idempotency_gone: { status: 409, type: 'invalid_request_error' },
  caller_idempotency_reused: { status: 422, type: 'invalid_request_error' },
  caller_rate_limited: { status: 429, type: 'rate_limit_error' },
  caller_hung_up: { status: 499, type: 'invalid_request_error' },
  policy_residency: { status: 403, type: 'invalid_request_error' },
  policy_refused: { status: 403, type: 'invalid_request_error' },
  policy_budget_exceeded: { status: 429, type: 'insufficient_quota' },
  policy_unpriced: { status: 403, type: 'invalid_request_error' },
  policy_no_target: { status: 503, type: 'server_error' },
  policy_not_capable: { status: 400, type: 'invalid_request_error' },
  upstream_unreachable: { status: 502, type: 'server_error' },
  upstream_timeout: { status: 504, type: 'server_error' },
  upstream_interrupted: { status: 502, type: 'server_error' },
  upstream_bad_answer: { status: 502, type: 'server_error' },
  upstream_error: { status: 502, type: 'server_error' },
  upstream_rate_limited: { status: 429, type: 'rate_limit_error' },
  upstream_unavailable: { status: 503, type: 'server_error' },
  upstream_loading: { status: 503, type: 'server_error' },
  gateway_overloaded: { status: 503, type: 'server_error' },
  gateway_state_unavailable: { status: 503, type: 'server_error' },
  gateway_ledger_unavailable: { status: 503, type: 'server_error' },
  gateway_answer_withdrawn: { status: 502, type: 'server_error' },
  gateway_deadline: { status: 504, type: 'server_error' },
  gateway_loop: { status: 508, type: 'server_error' },
  gateway_draining: { status: 503, type: 'server_error' },
  gateway_internal: { status: 500, type: 'server_error' },
} as const;

export type ErrorCode = keyof typeof CODES;

/** OpenAI's error object: all four members are always present. */
export interface WireError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

interface Detail {
  readonly cause?: unknown;
  readonly param?: string;
  /** OpenAI's code where SDKs or programs look for it (`model_not_found`); the default is `code`. */
  readonly wireCode?: string | null;
  /** Sent with the error. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Beside the error in its answer, on routes of this gateway's own. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A failure with a row in `CODES`. The message says what was wrong and what to do about it. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly wireCode: string | null;
  /** Headers that a caller should see (`retry-after`, rate limits). */
  readonly headers: Readonly<Record<string, string>>;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, detail: Detail = {}) {
    super(message, { cause: detail.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.param = detail.param ?? null;
    this.wireCode = detail.wireCode === undefined ? code : detail.wireCode;
    this.headers = detail.headers ?? {};
    this.more = detail.more ?? {};
  }

  get status(): number {
    return CODES[this.code].status;
  }

  toWire(): WireError {
    return {
      message: this.message,
      type: CODES[this.code].type,
      param: this.param,
      code: this.wireCode,
    };
  }
}

/** Something that the caller wrote has a value that it cannot have. `param` is its path; null: the body as a whole. */
export const invalid = (param: string | null, message: string): GatewayError =>
  new GatewayError('caller_invalid', message, {
    wireCode: 'invalid_value',
    ...(param === null ? {} : { param }),
  });

/** Why an attempt failed: a closed list and a metric label. Determines whether the next target is tried. */
export type AttemptCause =
  | 'unreachable'
  | 'timeout'
  | 'interrupted'
  | 'rate_limited'
  | 'server_error'
  | 'auth'
  | 'bad_answer'
  | 'not_capable'
  | 'context_overflow'
  | 'overloaded'
  | 'loading'
  | 'rejected'
  | 'withheld'
  | 'aborted';

const CODE_OF_CAUSE: Readonly<Record<AttemptCause, ErrorCode>> = {
  unreachable: 'upstream_unreachable',
  timeout: 'upstream_timeout',
  interrupted: 'upstream_interrupted',
  rate_limited: 'upstream_rate_limited',
  server_error: 'upstream_error',
  auth: 'upstream_error',
  bad_answer: 'upstream_bad_answer',
  not_capable: 'policy_not_capable',
  context_overflow: 'caller_context_length',
  overloaded: 'gateway_overloaded',
  loading: 'upstream_loading',
  rejected: 'upstream_error',
  withheld: 'policy_residency',
  aborted: 'caller_hung_up',
};

/**
 * A failed attempt. `wire` and `status` are the upstream's own error, in OpenAI's shape, if it sent one:
 * the caller gets them unchanged if no other target answers.
 */
export class UpstreamError extends GatewayError {
  readonly attemptCause: AttemptCause;
  readonly wire: WireError | undefined;
  readonly upstreamStatus: number | undefined;
  /** It was sent on a connection of an earlier request, which its peer then closed without a byte of an answer. */
  readonly isOnKept: boolean;

  constructor(
    attemptCause: AttemptCause,
    message: string,
    detail: {
      readonly cause?: unknown;
      readonly wire?: WireError;
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly isOnKept?: boolean | undefined;
    } = {},
  ) {
    const { cause, headers = {} } = detail;
    super(CODE_OF_CAUSE[attemptCause], message, { cause, headers });
    this.name = 'UpstreamError';
    this.attemptCause = attemptCause;
    this.wire = detail.wire;
    this.upstreamStatus = detail.status;
    this.isOnKept = detail.isOnKept === true;
  }

  override get status(): number {
    return this.upstreamStatus ?? super.status;
  }

  override toWire(): WireError {
    return this.wire ?? super.toWire();
  }

  /** A rejected request would be rejected everywhere; after any other failure another target may answer. */
  get tryNext(): boolean {
    return this.attemptCause !== 'rejected' && this.attemptCause !== 'aborted';
  }
}
