/** `/admin/collected`: what is kept for distillation. */
import { actOf, adminAct, adminBody } from '../admin/admin-body.ts';
import { requireViewer } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

/** `GET /admin/collected`: what the policy collects, and how much is kept; no text of it. */
export const getCollected =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    return context.json(await parts.collectedAdmin.standing());
  };

/** `POST /admin/collected/delete`: by key, conversation or age. */
export const deleteCollected =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    const { who, given } = await adminAct(incoming, parts, adminBody);
    return context.json(await parts.collectedAdmin.remove(given, actOf(who, parts)));
  };
