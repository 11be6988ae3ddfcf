/** The small JSON bodies of `/admin/*`, and who sends them. */
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import type { Act } from '../../core/policy-store.ts';
import { isObject, type JsonObject } from '../../lib/json.ts';
import { requireAdmin } from '../callers/auth.ts';
import { readBody } from '../body/body.ts';
import type { HttpParts } from '../parts.ts';

/** Bytes; a thousand names of models fit. */
const MAX_BYTES = 262_144;

/**
 * `{}` for an empty body. JSON is demanded even then: in open mode, the preflight that it costs a web page is the only protection.
 * @throws GatewayError for what is no JSON object
 */
export async function adminBody(incoming: IncomingMessage): Promise<JsonObject> {
  if (!/^application\/json\b/i.test(incoming.headers['content-type'] ?? ''))
    throw new GatewayError('caller_media_type', "Send 'Content-Type: application/json'.");
  const text = (await readBody(incoming, MAX_BYTES)).toString('utf8');
  if (text === '') return {};
  const body = parsed(text);
  if (isObject(body)) return body;
  throw new GatewayError('caller_invalid', 'The body must be a JSON object.');
}

/**
 * Who changes something, and how. The key is asked for before the body and after it: one that was revoked while the body came changes
 * nothing more.
 * @throws GatewayError as `requireAdmin`, and as `read`
 */
export async function adminAct<Given>(
  incoming: IncomingMessage,
  parts: Pick<HttpParts, 'auth' | 'stateDeadline'>,
  read: (incoming: IncomingMessage) => Promise<Given>,
): Promise<{ readonly who: string; readonly given: Given }> {
  await requireAdmin(incoming, parts);
  const given = await read(incoming);
  const { name: who } = await requireAdmin(incoming, parts);
  return { who, given };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatewayError('caller_bad_json', 'The body is not JSON.', { cause });
  }
}

/** An act without a note, now. */
export const actOf = (who: string, { epochMs }: Pick<HttpParts, 'epochMs'>): Act => ({
  who,
  note: '',
  atMs: epochMs(),
});
