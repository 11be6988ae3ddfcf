/** `GET /admin/meters`: which meters are read, why those, and their totals since the start. */
import { requireAdmin } from '../auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

export const getMeters =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireAdmin(context.env.incoming, parts);
    return context.json(parts.meters());
  };
