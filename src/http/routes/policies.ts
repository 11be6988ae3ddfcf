/** `/admin/policy` and `/admin/policies`: the active policy, the stored ones, and activating one. */
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import { isObject } from '../../lib/json.ts';
import { readBody } from '../body.ts';
import { requireAdmin, requireViewer } from '../auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

/**
 * `GET /admin/policy`: name, version, mode, guards, and why the present file was refused, if it
 * was.
 */
export const getPolicy =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    return context.json(parts.policies.status());
  };

/** `GET /admin/policies`: every stored version without its text, newest first. */
export const listPolicies =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    return context.json({ policies: await parts.policies.list() });
  };

/** Bytes; a note is a sentence. */
const MAX_NOTE_BYTES = 4096;

/** `POST /admin/policies/{version}/activate`, `{"note": "…"}` or no body: answers as `GET /admin/policy` does. */
export const activatePolicy =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    const { name: who } = await requireAdmin(incoming, parts);
    requireJson(incoming);
    const note = noteIn(await readBody(incoming, MAX_NOTE_BYTES));
    const version = context.req.param('version') ?? '';
    return context.json(await parts.policies.activate(version, { who, note }));
  };

/**
 * Required even for an empty body: `application/json` forces a CORS preflight, which in open mode
 * is the only CSRF protection.
 */
function requireJson({ headers }: IncomingMessage): void {
  if (/^application\/json\b/i.test(headers['content-type'] ?? '')) return;
  throw new GatewayError('caller_media_type', "Send 'Content-Type: application/json'.");
}

function noteIn(body: Buffer): string {
  if (body.length === 0) return '';
  const given = parsed(body);
  const note = isObject(given) ? (given['note'] ?? '') : undefined;
  if (typeof note === 'string') return note;
  throw new GatewayError(
    'caller_invalid',
    'The body must be JSON such as {"note": "why"}, or empty.',
    { param: 'note' },
  );
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new GatewayError('caller_bad_json', 'The body is not JSON.', { cause });
  }
}
