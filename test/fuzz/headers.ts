/** Heads of requests: what we read, what is passed on, and whatever else a client may send. */
import fc from 'fast-check';
import { HOP_HEADER } from '../../src/core/hops.ts';
import { ADMIN_KEY, startFuzzedGateway } from './fuzzed-gateway.ts';
import type { FuzzTarget } from './target.ts';

const NAMES = [
  'accept', 'accept-encoding', 'anthropic-beta', 'anthropic-version', 'api-key', 'authorization', 'cache-control', 'content-encoding',
  'content-type', 'cookie', 'expect', 'forwarded', 'if-none-match', 'idempotency-key', 'max-forwards', 'openai-beta', 'openai-organization',
  'origin', 'range', 'referer', 'sec-fetch-site', 'te', 'traceparent', 'tracestate', 'upgrade', 'user-agent', 'via', 'x-api-key',
  'x-client-request-id', 'x-conversation-id', 'x-forwarded-for', 'x-forwarded-host', 'x-http-method-override', 'x-original-url',
  'x-request-id', 'x-session-id', 'x-smallfirst-deadline-ms', 'x-smallfirst-route', 'x-smallfirst-verify', 'x-stainless-retry-count',
  'x-stainless-timeout', HOP_HEADER,
]; // prettier-ignore

const value = fc.oneof(
  fc.constantFrom('', '0', '-1', '1', '1e9', 'NaN', 'null', 'large', 'cloud/gpt-4o', 'local/slm', 'off', 'no-store', 'gzip', 'identity', 'br, gzip', 'application/json', 'application/json; charset=utf-16', 'text/plain', 'multipart/form-data', 'https://evil.example', 'cross-site', 'none', 'abcdefghijklmnop', `Bearer ${ADMIN_KEY}`, 'Basic eDp5', 'constructor', '__proto__', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '100-continue', 'trailers', 'websocket'),
  fc.string({ unit: fc.integer({ min: 32, max: 255 }).filter((code) => code !== 127).map((code) => String.fromCharCode(code)), maxLength: 40 }),
  fc.constantFrom('a'.repeat(5000), `${'abcdefghijklmnop, '.repeat(9)}abcdefghijklmnop`),
); // prettier-ignore

const name = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-zA-Z!#$%&'*+.^_`|~-]{1,20}$/) },
);

const anyCase = fc.record({
  path: fc.constantFrom('/v1/chat/completions', '/v1/responses', '/v1/embeddings', '/v1/messages', '/v1/files', '/v1/models'),
  method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'HEAD', 'DELETE', 'OPTIONS', 'PUT'),
  headers: fc.dictionary(name, fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: fc.array(value, { minLength: 2, maxLength: 3 }) }), { maxKeys: 5 }),
  stream: fc.boolean(),
}); // prettier-ignore

/** Of the caller's; the rest is written here and by Node. */
const PASSED = new Set([
  'openai-beta', 'anthropic-version', 'anthropic-beta', 'idempotency-key', 'x-client-request-id', 'accept', 'traceparent', 'tracestate',
  HOP_HEADER,
]); // prettier-ignore
const WRITTEN = new Set([
  'host', 'connection', 'content-type', 'content-length', 'accept-encoding', 'user-agent', 'authorization', 'transfer-encoding',
]); // prettier-ignore

export const headers: FuzzTarget = {
  name: 'headers',
  run: async (running) => {
    let arrived: readonly string[] = [];
    const gateway = await startFuzzedGateway({
      cloud: {
        behaviour: (request) => {
          arrived = Object.keys(request.headers);
          return undefined;
        },
      },
    });
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ path, method, headers: given, stream }) => {
        arrived = [];
        const body = JSON.stringify({
          model: path === '/v1/embeddings' ? 'text-embedding-3-small' : 'cloud/gpt-4o',
          stream: stream && path !== '/v1/embeddings',
          max_tokens: 5,
          messages: [{ role: 'user', content: 'hi' }],
          input: 'hi',
        });
        const bodiless = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
        await gateway.ask({ path, method, headers: given, ...(bodiless ? {} : { body }) });
        const foreign = arrived.filter((one) => !PASSED.has(one) && !WRITTEN.has(one));
        if (foreign.length > 0) throw new Error(`The cloud was sent ${foreign.join(', ')}.`);
      }),
      running,
    );
    await gateway.close();
  },
};
