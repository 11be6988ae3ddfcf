import { expect, test } from 'vitest';
import { failureIn } from './error-shapes.ts';
import { errorInAnswer, refusal, type RefusalContext } from './refusal.ts';

const local: RefusalContext = {
  upstream: 'm',
  locality: 'local',
  isCallersModel: false,
  headers: {},
};
const cloud: RefusalContext = { ...local, locality: 'cloud' };
const bare = { type: 'invalid_request_error', param: null, code: null };

test.each([
  [
    'OpenAI',
    '{"error":{"message":"no","type":"t","param":"p","code":"c"}}',
    { message: 'no', type: 't', param: 'p', code: 'c' },
  ],
  [
    'numeric code',
    '{"error":{"code":400,"message":"no","type":"t"}}',
    { message: 'no', type: 't', param: null, code: '400' },
  ],
  [
    'Google',
    '[{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}]',
    { message: 'no', ...bare, code: '400' },
  ],
  ['a string', '{"error":"no"}', { message: 'no', ...bare }],
  [
    'TGI',
    '{"error":"no","error_type":"validation"}',
    { message: 'no', ...bare, type: 'validation' },
  ],
  [
    'flat',
    '{"object":"error","message":"no","type":"BadRequestError","param":null,"code":400}',
    { message: 'no', type: 'BadRequestError', param: null, code: '400' },
  ],
  ['FastAPI', '{"detail":"no"}', { message: 'no', ...bare }],
  [
    'FastAPI list',
    '{"detail":[{"loc":["body","n"],"msg":"too big"}]}',
    { message: 'body.n: too big', ...bare },
  ],
  ['Zhipu', '{"code":1113,"msg":"no","data":null}', { message: 'no', ...bare, code: '1113' }],
  ['Baidu', '{"error_code":336,"error_msg":"no"}', { message: 'no', ...bare, code: '336' }],
  ['text', ' no \n', { message: 'no', ...bare }],
  [
    'HTML',
    '<!doctype html><p>no',
    { message: "'m' answered with status 400 and a web page.", ...bare },
  ],
  ['nothing', '', { message: "'m' answered with status 400 and no message.", ...bare }],
  ['an empty object', '{}', { message: "'m' answered with status 400 and no message.", ...bare }],
])('an error of the shape %s has four members', (_shape, text, wire) => {
  expect(refusal(400, text, cloud).toWire()).toEqual(wire);
});

const errorBody = (message: string, extra = {}): string =>
  JSON.stringify({ error: { message, ...extra } });

test.each([
  [401, 'bad key', 'auth'],
  [403, 'no', 'auth'],
  [408, 'slow', 'timeout'],
  [409, 'conflict', 'overloaded'],
  [425, 'too early', 'overloaded'],
  [402, 'pay', 'rate_limited'],
  [413, 'large', 'context_overflow'],
  [415, 'type', 'rejected'],
  [422, 'bad', 'rejected'],
  [400, "Unknown parameter: 'x'", 'not_capable'],
  [422, "Extra inputs are not permitted, field: 'messages[1].thinking'", 'not_capable'],
  [400, "property 'reasoning' is unsupported", 'not_capable'],
  [
    400,
    "Invalid 'stop': array too long. Expected an array with maximum length 4, but got 5.",
    'not_capable',
  ],
  [400, 'temperature: Input should be less than or equal to 1', 'not_capable'],
  [400, '`temperature` may only be set to 1 when thinking is enabled.', 'not_capable'],
  [400, '`reasoning_effort` must be one of `low`, `medium`, or `high`', 'not_capable'],
  [400, 'messages: text content blocks must be non-empty', 'rejected'],
  [
    400,
    'max_tokens is too large: 9. This model supports at most 4 completion tokens',
    'not_capable',
  ],
  [400, "Invalid value: 'robot'. Supported values are: 'system' and 'user'.", 'rejected'],
  [400, 'Your prompt was flagged as potentially violating our usage policy.', 'rejected'],
  [429, 'slow down', 'rate_limited'],
  [500, 'oops', 'server_error'],
  [502, 'bad gateway', 'server_error'],
  [503, 'Loading model', 'overloaded'],
  [504, 'late', 'timeout'],
  [529, 'full', 'overloaded'],
  [302, 'elsewhere', 'bad_answer'],
])('the cloud with status %i, "%s", is %s', (status, message, cause) => {
  const error = refusal(status, errorBody(message), cloud);
  expect(error.attemptCause).toBe(cause);
  // A redirect is no answer for a caller.
  expect(error.status).toBe(status < 400 ? 502 : status);
});

test.each([
  [
    400,
    '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    'not_capable',
  ],
  [400, "Invalid tool_choice type: 'object'", 'not_capable'],
  [400, "'response_format.type' must be 'json_schema' or 'text'", 'not_capable'],
  [
    500,
    'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj',
    'not_capable',
  ],
  [500, 'tools param requires --jinja flag', 'not_capable'],
  [422, 'grammar is invalid', 'not_capable'],
  [400, 'the request exceeds the available context size', 'context_overflow'],
  [
    400,
    "This model's maximum context length is 4096 tokens. However, you requested 5000",
    'context_overflow',
  ],
  [500, 'input is larger than the context window', 'context_overflow'],
  [404, "model 'x' not found", 'not_capable'],
  [400, 'Expecting value: line 1 column 1', 'rejected'],
  [500, 'llama runner process has terminated', 'server_error'],
])('a local server with status %i, "%s", is %s', (status, message, cause) => {
  expect(refusal(status, errorBody(message), local).attemptCause).toBe(cause);
});

test('a parameter is the fault of whoever chose the model', () => {
  const text = errorBody('no', { code: 'unsupported_value' });
  expect(refusal(400, text, cloud).tryNext).toBe(true);
  expect(refusal(400, text, { ...cloud, isCallersModel: true }).tryNext).toBe(false);
});

test('too long for the cloud is too long for this one, not wrong everywhere', () => {
  const error = refusal(400, errorBody('too long', { code: 'context_length_exceeded' }), cloud);
  expect(error.attemptCause).toBe('context_overflow');
  expect(error.toWire().code).toBe('context_length_exceeded');
});

test('an unknown model is the error of the one who chose it', () => {
  const text = errorBody('The model `x` does not exist', { code: 'model_not_found' });
  expect(refusal(404, text, cloud).tryNext).toBe(true);
  expect(refusal(404, text, { ...cloud, isCallersModel: true }).tryNext).toBe(false);
  expect(refusal(404, text, { ...local, isCallersModel: true }).tryNext).toBe(true);
});

test.each([
  [{ error: { message: 'no', code: 429 } }, 'rate_limited', 429],
  [{ error: { message: 'no', code: 'rate_limit_exceeded' } }, 'rate_limited', 429],
  [{ error: { message: 'no', type: 'overloaded_error' } }, 'overloaded', 503],
  [
    { error: { code: 400, message: 'the request exceeds the available context size' } },
    'context_overflow',
    400,
  ],
  [{ error: 'out of memory' }, 'server_error', 502],
  [{ object: 'error', message: 'no', code: 500 }, 'server_error', 500],
  [{ type: 'error', message: 'no', code: 'server_error', param: null }, 'server_error', 502],
])('an error inside an answer, %o, is %s', (body, cause, status) => {
  const error = errorInAnswer(body, local);
  expect(error.attemptCause).toBe(cause);
  expect(error.status).toBe(status);
});

test.each([
  [{ code: 1113, msg: 'no balance', data: null }, 'no balance'],
  [{ code: '1302', msg: 'too fast', data: null, success: false }, 'too fast'],
  [{ error_code: 17, error_msg: 'daily limit' }, 'daily limit'],
  [{ errcode: 40001, errmsg: 'bad token' }, 'bad token'],
  [{ error: 'no', data: null }, 'no'],
])('%j under 200 is a failure with its words', (body, words) => {
  const found = failureIn(body);
  expect(found).toBe(body);
  const error = errorInAnswer(body, cloud);
  expect([error.message, error.tryNext]).toEqual([words, true]);
});

test.each([
  { code: 0, msg: 'success', data: null },
  { code: '200', msg: 'ok' },
  { code: 0, msg: 'ok', choices: [{ index: 0 }] },
])('%j is none', (body) => {
  expect(failureIn(body)).toBeUndefined();
});

test('a code named like a member of every object says nothing about the cause', () => {
  const error = errorInAnswer({ error: { message: 'no', code: 'constructor' } }, cloud);
  expect(error.attemptCause).toBe('server_error');
});
