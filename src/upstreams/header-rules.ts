/** Which HTTP headers may stand in a configuration, and which never travel from a caller to an upstream. */
import { FIELD_NAME, NOT_IN_FIELD_VALUE } from '../lib/http-field.ts';

/** Headers that identify someone: keys, passwords, cookies. */
export const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'api-key',
  'authorization',
  'cookie',
  'proxy-authorization',
  'set-cookie',
  'x-api-key',
  'x-goog-api-key',
]);

/** Names that other services gave to the same: `cf-aig-authorization`, `ocp-apim-subscription-key`. */
const CREDENTIAL_WORDS =
  /authorization|cookie|(api|access|account|auth|secret|subscription)-?key|(^|-)(password|secret|token)$/;

/** Headers of one connection or one message: whoever sends that writes them. */
export const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

interface HeaderProblem {
  readonly name: string;
  /** What to write instead; holds no value. */
  readonly message: string;
}

/** Why these headers cannot be sent with every call, in their order; empty if they can. */
export function headerProblems(
  headers: Readonly<Record<string, string>>,
): readonly HeaderProblem[] {
  const seen = new Set<string>();
  return Object.entries(headers).flatMap(([name, value]) => {
    const message = problemOf(name.toLowerCase(), value, seen);
    seen.add(name.toLowerCase());
    return message === undefined ? [] : [{ name, message }];
  });
}

function problemOf(name: string, value: string, seen: ReadonlySet<string>): string | undefined {
  if (!FIELD_NAME.test(name)) return 'is no name of a header; write one such as `X-Title`';
  if (CREDENTIAL_HEADERS.has(name) || CREDENTIAL_WORDS.test(name))
    return 'holds credentials: put the key in `apiKey`';
  if (CONNECTION_HEADERS.has(name))
    return 'is written by the gateway for each request; leave it out';
  if (seen.has(name)) return 'stands here twice; capitals make no difference';
  if (NOT_IN_FIELD_VALUE.test(value))
    return 'must be one line of Latin characters without control characters';
  return undefined;
}
