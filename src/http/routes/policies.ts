/** `/admin/policy` and `/admin/policies`: the active policy, the stored ones, and activating one. */
import type { IncomingMessage } from 'node:http';
import { simulationAsk } from '../../core/admin-simulation.ts';
import { GatewayError } from '../../core/errors.ts';
import { isObject } from '../../lib/json.ts';
import { adminAct, adminBody } from '../admin/admin-body.ts';
import { readBody } from '../body/body.ts';
import { requireViewer } from '../callers/auth.ts';
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
    const { who, given: note } = await adminAct(incoming, parts, noteIn);
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

async function noteIn(incoming: IncomingMessage): Promise<string> {
  requireJson(incoming);
  const body = await readBody(incoming, MAX_NOTE_BYTES);
  if (body.length === 0) return '';
  const given = parsed(body);
  const { note = '', ...rest } = isObject(given) ? given : {};
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw new GatewayError('caller_invalid', `There is no member '${unknown}' here.`, {
      param: unknown,
    });
  if (isObject(given) && typeof note === 'string') return note;
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

/** `GET /admin/policies/{version}`: with its text. */
export const readPolicy =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    const version = context.req.param('version') ?? '';
    const found = await parts.policies.edit.get(version);
    if (found !== undefined) return context.json(found);
    const message = `No version '${version.slice(0, 40)}' is stored. GET /admin/policies lists those that are.`;
    throw new GatewayError('caller_not_found', message);
  };

/** `POST /admin/policies/check`, `{"text": "…"}`: what is wrong with it, each at its line and column. */
export const checkPolicy =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    await requireViewer(incoming, parts);
    const { text } = await textIn(incoming);
    return context.json({ problems: await parts.policies.edit.check(text) });
  };

/** `POST /admin/policies/simulate`, `{"text": "…", "since": <epoch ms>}`: what would change for recorded requests. */
export const simulatePolicy =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming, outgoing } = context.env;
    await requireViewer(incoming, parts);
    const given = simulationAsk.safeParse(await adminBody(incoming));
    if (!given.success)
      throw new GatewayError(
        'caller_invalid',
        'The body must be JSON such as {"text": "name: mine\\n…", "since": 1767225600000}.',
        { param: String(given.error.issues[0]?.path[0] ?? 'text') },
      );
    const ended = new AbortController();
    outgoing.once('close', () => ended.abort());
    return context.json(await parts.simulate(given.data, ended.signal));
  };

/** `POST /admin/policies`, `{"text": "…", "note": "why", "base": "…"}`: a version that is stored and not active. */
export const savePolicy =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    const { who, given } = await adminAct(incoming, parts, textIn);
    const { text, note, base } = given;
    const act = { who, note, ...(base === undefined ? {} : { base }) };
    return context.json(await parts.policies.edit.save(text, act), 201);
  };

/** `POST /admin/policies/rollback`, `{"note": "…"}` or no body: answers as `GET /admin/policy` does. */
export const rollBackPolicy =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    const { who, given: note } = await adminAct(incoming, parts, noteIn);
    return context.json(await parts.policies.rollBack({ who, note }));
  };

/** `GET /admin/policies/audit`: who did what, oldest first, each link with its hash. */
export const auditPolicies =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    return context.json({ events: await parts.policies.edit.audit() });
  };

async function textIn(
  incoming: IncomingMessage,
): Promise<{ readonly text: string; readonly note: string; readonly base: string | undefined }> {
  const { text, note = '', base } = await adminBody(incoming);
  const hasBase = base === undefined || typeof base === 'string';
  if (typeof text === 'string' && typeof note === 'string' && hasBase) return { text, note, base };
  throw new GatewayError(
    'caller_invalid',
    'The body must be JSON such as {"text": "name: mine\\n…", "note": "why"}.',
    { param: 'text' },
  );
}
