/** `/admin/session`: signing in to the page, who is signed in, and ending a session. */
import type { IncomingMessage } from 'node:http';
import { signIn, type SessionAnswer } from '../../core/admin-session.ts';
import { GatewayError } from '../../core/errors.ts';
import { requireViewer } from '../callers/auth.ts';
import type { Admin } from '../callers/keyring.ts';
import { adminBody } from '../admin/admin-body.ts';
import type { Handler, HttpParts } from '../parts.ts';

/** `POST /admin/session`, `{"key": "…"}`: sets the cookie. In open mode there is nothing to sign in to. */
export const startSession =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    const given = signIn.safeParse(await adminBody(incoming));
    if (!given.success)
      throw new GatewayError('caller_invalid', 'The body must be {"key": "…"}.', { param: 'key' });
    const { sessions } = parts;
    if (sessions === undefined) return context.json(await answerFor(incoming, parts), 200, UNKEPT);
    const { cookie, who } = await sessions.signIn(incoming, given.data.key);
    const answer: SessionAnswer = {
      mode: 'keys',
      who,
      sessions: await sessions.list(incoming, who),
    };
    return context.json(answer, 201, { ...UNKEPT, 'set-cookie': cookie });
  };

/** `GET /admin/session`: never refused, so that a page can ask before anybody typed a key. */
export const getSession =
  (parts: HttpParts): Handler =>
  async (context) =>
    context.json(await answerFor(context.env.incoming, parts), 200, UNKEPT);

/** `DELETE /admin/session`, or one of the list: `?id=…`. */
export const endSession =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    const who = await requireViewer(incoming, parts);
    const cookie = await parts.sessions?.end(incoming, who, context.req.query('id'));
    if (cookie !== undefined && cookie !== '') {
      const answer: SessionAnswer = { mode: 'keys', who: null, sessions: [] };
      return context.json(answer, 200, { ...UNKEPT, 'set-cookie': cookie });
    }
    return context.json(await answerFor(incoming, parts), 200, UNKEPT);
  };

const UNKEPT = { 'cache-control': 'no-store' } as const;

async function answerFor(incoming: IncomingMessage, parts: HttpParts): Promise<SessionAnswer> {
  const who = await whoIs(incoming, parts);
  const mode = parts.authIsOpen ? 'open' : 'keys';
  const sessions = who === null ? [] : ((await parts.sessions?.list(incoming, who)) ?? []);
  return { mode, who, sessions };
}

async function whoIs(incoming: IncomingMessage, parts: HttpParts): Promise<Admin | null> {
  try {
    return await requireViewer(incoming, parts);
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'caller_bad_key') return null;
    throw error;
  }
}
