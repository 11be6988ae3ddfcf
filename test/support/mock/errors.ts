/** The error bodies of real servers, as in their source code. */
import { STATUS_CODES } from 'node:http';
import type { Behaviour, ErrorShape } from './behaviour.ts';

type ErrorBehaviour = Extract<Behaviour, { kind: 'error' }>;

interface ErrorBody {
  readonly type: string;
  readonly body: string;
}

interface Words {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

const OPENAI_TYPES: Readonly<Record<number, readonly [type: string, code: string | null]>> = {
  400: ['invalid_request_error', 'invalid_value'],
  401: ['invalid_request_error', 'invalid_api_key'],
  403: ['invalid_request_error', 'unsupported_country_region_territory'],
  404: ['invalid_request_error', 'model_not_found'],
  409: ['invalid_request_error', 'conflict'],
  422: ['invalid_request_error', 'unprocessable'],
  429: ['requests', 'rate_limit_exceeded'],
};

const SHAPES: Readonly<Record<ErrorShape, (words: Words) => unknown>> = {
  openai: ({ message, type, param, code }) => ({ error: { message, type, param, code } }),
  'openai-no-code': ({ message, type }) => ({ error: { message, type, param: null, code: null } }),
  'llama-cpp': ({ status, message, type }) => ({ error: { code: status, message, type } }),
  ollama: ({ message }) => ({ error: message }),
  vllm: ({ status, message, param }) => ({
    error: { message, type: 'BadRequestError', param, code: status },
  }),
  sglang: ({ status, message }) => ({
    object: 'error',
    message,
    type: 'BadRequestError',
    param: null,
    code: status,
  }),
  fastapi: ({ message }) => ({ detail: message }),
  'fastapi-list': ({ message }) => ({
    detail: [{ type: 'missing', loc: ['body', 'messages'], msg: message, input: {} }],
  }),
  tgi: ({ message }) => ({ error: message, error_type: 'validation' }),
  html: ({ status, message }) =>
    `<html><head><title>${status} ${STATUS_CODES[status] ?? ''}</title></head><body><h1>${message}</h1></body></html>`,
  text: ({ message }) => message,
  empty: () => '',
};

const CONTENT_TYPES: Partial<Record<ErrorShape, string>> = {
  html: 'text/html',
  text: 'text/plain',
};

export function errorBody(behaviour: Omit<ErrorBehaviour, 'kind'>): ErrorBody {
  const { status, shape = 'openai' } = behaviour;
  const [type, code] = OPENAI_TYPES[status] ?? ['server_error', null];
  const words: Words = {
    status,
    message: behaviour.message ?? `The mock answers ${status}, as scripted.`,
    type: behaviour.type ?? type,
    param: behaviour.param ?? null,
    code: behaviour.code === undefined ? code : behaviour.code,
  };
  const body = SHAPES[shape](words);
  return {
    type: CONTENT_TYPES[shape] ?? 'application/json',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}
