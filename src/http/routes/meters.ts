/** `GET /admin/meters`: which meters are read, why those, and their totals since the start. */
import { requireViewer } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

export const getMeters =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    return context.json(parts.meters());
  };
