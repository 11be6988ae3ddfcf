/** `GET /dashboard`: static files over the admin API; they hold nothing, so they need no key themselves. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireAdmin } from '../auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

const FOLDER = join(import.meta.dirname, '..', 'dashboard');

/** Nothing but our own files runs or is loaded, and nobody else's page may frame it. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
} as const;

/** One of the dashboard's own files: the name is ours, never the caller's. */
export const dashboardFile =
  (name: string, type: string, parts: HttpParts): Handler =>
  async ({ env }) => {
    // Open mode serves this machine alone; its Host check keeps other sites' pages out here too.
    if (parts.authIsOpen) await requireAdmin(env.incoming, parts);
    const bytes = await readFile(join(FOLDER, name));
    return new Response(new Uint8Array(bytes), { headers: { ...HEADERS, 'content-type': type } });
  };

/** `GET /admin/about`: what a page about this gateway must say. */
export const about =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireAdmin(context.env.incoming, parts);
    const { ok, detail } = parts.readiness();
    return context.json({ ...parts.about(), ready: ok, detail });
  };
