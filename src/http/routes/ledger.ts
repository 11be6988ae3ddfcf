/** `/admin/ledger`. */
import { actOf, adminAct, adminBody } from '../admin/admin-body.ts';
import { requireViewer } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

/** `GET /admin/ledger`: how the ledger and the book of attempts stand. */
export const getLedger =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    return context.json(parts.ledgerAdmin.standing());
  };

/** `POST /admin/ledger/prune`: deletes what is older than `keepDays`; sums of money stay. */
export const pruneLedger =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    const { who, given } = await adminAct(incoming, parts, adminBody);
    return context.json(await parts.ledgerAdmin.prune(given, actOf(who, parts)));
  };
