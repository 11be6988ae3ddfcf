/** `/admin/keys`, and `GET /v1/key`: what a key may do, asked with it. */
import { invalid } from '../../core/errors.ts';
import { actOf, adminAct, adminBody } from '../admin/admin-body.ts';
import { callerOf, requireAdmin } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

/** `GET /admin/keys`: every key, without its secret; those of the configuration too. */
export const listKeys =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireAdmin(context.env.incoming, parts);
    return context.json({ keys: await parts.keys.list() });
  };

/** `POST /admin/keys`: a member that is not known is refused. The answer alone has the secret. */
export const createKey =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    const { who, given } = await adminAct(incoming, parts, adminBody);
    const { key, secret } = await parts.keys.create(given, actOf(who, parts));
    return context.json({ ...key, secret }, 201, { 'cache-control': 'no-store' });
  };

/** How long the secret before is taken, if nobody says: a day to change what uses it. */
const GRACE_MS = 86_400_000;
/** A month. */
const LONGEST_GRACE_MS = 30 * 86_400_000;

/** `POST /admin/keys/{name}/rotate`, `{"graceMs": 0}` or no body. */
export const rotateKey =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    const { who, given } = await adminAct(incoming, parts, adminBody);
    const { graceMs = GRACE_MS, ...rest } = given;
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) throw invalid(unknown, `There is no member '${unknown}' here.`);
    if (typeof graceMs !== 'number' || !(graceMs >= 0 && graceMs <= LONGEST_GRACE_MS))
      throw invalid('graceMs', `'graceMs' must be 0 to ${LONGEST_GRACE_MS} milliseconds.`);
    const name = context.req.param('name') ?? '';
    const { key, secret } = await parts.keys.rotate(name, Math.ceil(graceMs), actOf(who, parts));
    return context.json({ ...key, secret }, 200, { 'cache-control': 'no-store' });
  };

/** `DELETE /admin/keys/{name}`: revoked from now on; it stays in the list, since records name it. */
export const revokeKey =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { name: who } = await requireAdmin(context.env.incoming, parts);
    const name = context.req.param('name') ?? '';
    return context.json(await parts.keys.revoke(name, actOf(who, parts)));
  };

/** `GET /v1/key`: what it may do, and how its budgets stand. */
export const ownKey =
  (parts: HttpParts): Handler =>
  async (context) => {
    const deadline = parts.stateDeadline();
    const found = await callerOf(context.env.incoming, deadline, parts);
    const { only = {}, ...caller } = found;
    const policy = parts.policyNameOf(found);
    const budgets = parts.budgetsOf(found);
    return context.json({ object: 'key', ...caller, ...only, policy, budgets });
  };
