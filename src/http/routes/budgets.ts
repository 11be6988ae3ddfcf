/** `/admin/budgets`. */
import { actOf, adminAct, adminBody } from '../admin/admin-body.ts';
import { requireAdmin, requireViewer } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

/** `GET /admin/budgets`: every budget and how it stands, those of the configuration too. */
export const listBudgets =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    return context.json({ budgets: await parts.budgets.list() });
  };

/** `POST /admin/budgets`: makes a budget, or replaces the one of its name. A member that is not known is refused. */
export const setBudget =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    const { who, given } = await adminAct(incoming, parts, adminBody);
    return context.json(await parts.budgets.set(given, actOf(who, parts)));
  };

/** `DELETE /admin/budgets/{name}`: what was spent stays in the ledger. */
export const removeBudget =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { name: who } = await requireAdmin(context.env.incoming, parts);
    const name = context.req.param('name') ?? '';
    await parts.budgets.remove(name, actOf(who, parts));
    return context.json({ name, removed: true });
  };
