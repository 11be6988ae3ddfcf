/** `GET /docs`: the guides and references that stand in the repository, as pages that need no script. */
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Marked } from 'marked';
import { GatewayError } from '../../core/errors.ts';
import { GUIDES, PAGES, REFERENCES, type DocsPage } from '../docs-pages.ts';
import type { Handler, HttpParts } from '../parts.ts';

/** The package's root, seen from the sources and from what is built of them alike. */
const ROOT = join(import.meta.dirname, '..', '..', '..');

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

const STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 52rem; margin: 0 auto; padding: 1rem; overflow-wrap: break-word; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid; border-radius: .25rem; }
code { font-size: .9em; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid; padding: .25rem .5rem; text-align: left; vertical-align: top; }
`;

/** They hold no data, so they need no key. */
export const docsIndex =
  ({ basePath }: Pick<HttpParts, 'basePath'>): Handler =>
  () =>
    page(
      'Documentation',
      `<h1>Documentation</h1>${list('Guides', GUIDES)}${list('References', REFERENCES)}`,
      basePath,
    );

export const docsStyle: Handler = () =>
  new Response(STYLE, { headers: { ...HEADERS, 'content-type': 'text/css; charset=utf-8' } });

/** `GET /docs/{page}`: the name chooses among known files and is never a path. */
export const docsPage =
  ({ basePath }: Pick<HttpParts, 'basePath'>): Handler =>
  async (context) => {
    const slug = context.req.path.replace(/^\/docs\//, '').replace(/\/$/, '');
    const found = PAGES.find((one) => one.slug === slug);
    if (found === undefined)
      throw new GatewayError('caller_not_found', 'There is no such page. GET /docs lists them.');
    return page(found.title, await rendered(found), basePath);
  };

const known = new Map<string, Promise<string>>();

/** Each page is read and rendered once. */
function rendered(one: DocsPage): Promise<string> {
  const already = known.get(one.slug);
  if (already !== undefined) return already;
  const made = readFile(join(ROOT, one.file), 'utf8').then((text) => htmlOf(text, one.file));
  known.set(one.slug, made);
  return made;
}

function htmlOf(text: string, file: string): string {
  const marked = new Marked({
    renderer: {
      // What a page writes as HTML is a mark for its tests.
      html: () => '',
      heading({ tokens, depth, text: words }) {
        return `<h${depth} id="${idOf(words)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        const to = addressOf(href, file);
        return to === undefined ? inner : `<a href="${escaped(to)}">${inner}</a>`;
      },
      image: () => '',
    },
  });
  return marked.parse(text, { async: false });
}

/** As code hosts make them of headings. */
const idOf = (words: string): string =>
  words
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');

/** Another page's address; undefined for a file of the repository that is no page. */
function addressOf(href: string, file: string): string | undefined {
  if (/^(https?:|#)/.test(href)) return href;
  if (href.startsWith('/')) return href;
  const [path = '', anchor] = href.split('#');
  const target = posix.join(posix.dirname(file), path);
  const found = PAGES.find((one) => one.file === target);
  return found && `/docs/${found.slug}${anchor === undefined ? '' : `#${anchor}`}`;
}

const list = (title: string, pages: readonly DocsPage[]): string =>
  `<h2>${title}</h2><ul>${pages.map((one) => `<li><a href="/docs/${one.slug}">${escaped(one.title)}</a></li>`).join('')}</ul>`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** Addresses of this gateway are written from its root; a proxy may show it below a path. */
const page = (title: string, body: string, basePath: string): Response => {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}: Smallfirst</title><link rel="stylesheet" href="/docs/style.css"><nav><a href="/docs">Documentation</a> <a href="/dashboard">Dashboard</a></nav><main>${body}</main></html>`;
  return new Response(html.replaceAll('href="/', `href="${basePath}/`), { headers: HEADERS });
};
