/** `GET /admin/models`: the known small models, how to get each, and which files are here. */
import { requireViewer } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

export const listCatalogue =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    return context.json({ models: await parts.catalogue() });
  };
