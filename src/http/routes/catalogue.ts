/** `GET /admin/models`: the small models that are known, how each can be had, and which files are here. */
import type { Handler, HttpParts } from '../parts.ts';

export const listCatalogue =
  (parts: HttpParts): Handler =>
  async (context) => {
    parts.auth.admin(context.env.incoming);
    return context.json({ models: await parts.catalogue() });
  };
