/** Texts that a configuration holds in several places, as zod schemas. */
import { z } from 'zod';

/** Ends up in metrics and in `<upstream>/<model>`, so it is plain and has no slash. */
const RESERVED_NAMES = new Set(['auto', 'small', 'large', 'constructor', 'prototype', '__proto__']);
export const upstreamName = z
  .string()
  .max(64)
  .regex(/^\w[\w.-]*$/, 'must be made of letters, digits, `-`, `_` and `.`, such as `local`')
  .refine(
    (name) => !RESERVED_NAMES.has(name),
    'is a word of the gateway itself; choose another name',
  );

const HTTP_URL = 'must be an http:// or https:// address, such as http://127.0.0.1:11434/v1';

const UNIX_SOCKET =
  'must be an address with a port, as a Unix socket cannot be asked: let the server listen on one of this machine, such as http://127.0.0.1:8080/v1';

/** As several clients write them; without a port, `unix` is no name of a machine. */
const isUnixSocket = (text: string): boolean =>
  /^(?:https?:\/\/unix:\/|(?:https?\+)?unix:)/i.test(text.trim());

/** What is wrong with an address that `isHttpUrl` refuses. */
export const urlAdvice = (text: string): string => (isUnixSocket(text) ? UNIX_SOCKET : HTTP_URL);

export function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text) || isUnixSocket(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

/** The end of a path that clients add to a base URL themselves. */
const ENDPOINT = /\/(?:chat\/completions|completions|responses|embeddings)\/?$/;

/** What is wrong with a base URL that ends in an endpoint; undefined where it does not. */
export function endpointAdvice(url: string): string | undefined {
  const [endpoint] = URL.canParse(url) ? (ENDPOINT.exec(new URL(url).pathname) ?? []) : [];
  return endpoint && `must be the base URL: leave out \`${endpoint}\`, which is added to it`;
}

export const httpUrl = z
  .string()
  .refine((text) => !URL.canParse(text) || new URL(text).password === '', {
    message: 'must not hold a password: put it in `apiKey`',
    abort: true,
  })
  .refine((text) => !isUnixSocket(text), { message: UNIX_SOCKET, abort: true })
  .refine(isHttpUrl, HTTP_URL);

/** In place, `${VAR}`, or `{ file: path }`. `config/load.ts` refuses one that is written out in the file. */
export const secretText = z.union([z.string(), z.strictObject({ file: z.string().min(1) })], {
  error: 'must be `${VARIABLE}` or `{ file: path }`',
});
