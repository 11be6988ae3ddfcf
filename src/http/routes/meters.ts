/** `GET /admin/meters`: which meters are read, why those, and what they have counted since the start. */
import type { Handler, HttpParts } from '../parts.ts';

export const getMeters =
  (parts: HttpParts): Handler =>
  (context) => {
    parts.auth.admin(context.env.incoming);
    return context.json(parts.meters());
  };
