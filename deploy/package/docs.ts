/** The guides and references that stand in the repository as Markdown, as pages that need no script. */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { Marked } from 'marked';
import { GUIDES, PAGES, REFERENCES, type DocsPage } from '../../src/http/pages/docs-pages.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Name of each page's file below `dist/docs`, and its text; the list of all is `index.html`. */
export function renderDocs(): ReadonlyMap<string, string> {
  const index = `<h1>Documentation</h1>${list('Guides', GUIDES)}${list('References', REFERENCES)}`;
  const pages = PAGES.map((one): [string, string] => [
    `${one.slug}.html`,
    framed(one, htmlOf(readFileSync(join(ROOT, one.file), 'utf8'), one.file)),
  ]);
  return new Map([
    ['index.html', framed({ slug: '', title: 'Documentation' }, index)],
    ...pages,
    ['style.css', readFileSync(join(import.meta.dirname, 'docs.css'), 'utf8')],
  ]);
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

const link = ({ slug, title }: DocsPage, current?: string): string =>
  `<a href="/docs/${slug}"${slug === current ? ' aria-current="page"' : ''}>${escaped(title)}</a>`;

const list = (title: string, pages: readonly DocsPage[], current?: string): string =>
  `<h2>${title}</h2><ul>${pages.map((one) => `<li>${link(one, current)}</li>`).join('')}</ul>`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** Addresses are written from the gateway's root; the gateway writes its own path before them. */
function framed({ slug, title }: Pick<DocsPage, 'slug' | 'title'>, body: string): string {
  const language = slug.startsWith('es/') ? 'es' : 'en';
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}: Smallfirst</title><link rel="stylesheet" href="/docs/style.css"></head>
<body>
<header><a class="brand" href="/">Smallfirst</a><a href="/docs">Documentation</a><a href="/dashboard">Dashboard</a></header>
<div class="columns">
<nav aria-label="Documentation" lang="en">${slug === '' ? '' : list('Guides', GUIDES, slug) + list('References', REFERENCES, slug)}</nav>
<main>${body}</main>
</div>
</body>
</html>
`;
}
