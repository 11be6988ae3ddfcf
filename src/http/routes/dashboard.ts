/** `GET /dashboard`: static files that call the admin API; they hold no data, so they need no key. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireViewer } from '../auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

const FOLDER = join(import.meta.dirname, '..', 'dashboard');

/** Only the dashboard's own files are loaded, and no page may frame it. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
} as const;

/** Serves one of the dashboard's files: the name never comes from the caller. */
export const dashboardFile =
  (name: string, type: string, parts: HttpParts): Handler =>
  async ({ env }) => {
    // In open mode this runs the Host check, which keeps other sites' pages out.
    if (parts.authIsOpen) await requireViewer(env.incoming, parts);
    const bytes = await readFile(join(FOLDER, name));
    return new Response(new Uint8Array(bytes), { headers: { ...HEADERS, 'content-type': type } });
  };

/** `GET /admin/about`: the facts that pages about this gateway show. */
export const about =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    const { ok, detail } = parts.readiness();
    return context.json({ ...parts.about(), ready: ok, detail });
  };
