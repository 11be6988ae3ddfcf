/** The documentation is what the code is: references are made from it, tables are held against it, links lead somewhere. */
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { CommandDef } from 'citty';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../src/commands/root.ts';
import { usageOf } from '../src/commands/run-main.ts';
import { renderDocs } from '../deploy/package/docs.ts';
import { GUIDES, PAGES, REFERENCES } from '../src/http/pages/docs-pages.ts';
import { METRICS } from '../src/telemetry/metric-definitions.ts';
import { startTestGateway, type WholeGateway } from './support/gateway-fixture.ts';

const page = (name: string): string => readFileSync(`src/docs/${name}.md`, 'utf8');

/** citty lets members be values, promises, or functions of either. */
async function resolved<T>(value: T | Promise<T> | (() => T | Promise<T>)): Promise<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the members that are resolved hold no functions
  return typeof value === 'function' ? await (value as () => T | Promise<T>)() : await value;
}

async function usages(command: CommandDef, path: readonly string[]): Promise<string[]> {
  const below = Object.entries((await resolved(command.subCommands)) ?? {});
  const own = stripVTControlCharacters(await usageOf(command, path))
    .replaceAll(/ +$/gm, '')
    .replaceAll(/ \(([\w ]+)(?: v[\d.]+)?\)$/gm, '')
    .trim();
  const shown = [`## smallfirst ${path.join(' ')}`.trimEnd(), '', '```text', own, '```', ''];
  const deeper: string[] = [];
  for (const [name, one] of below)
    deeper.push(...(await usages(await resolved(one), [...path, name])));
  return [...shown, ...deeper];
}

const COMMAND_LINE = `# Command line

Made from the code by \`npm test -- test/docs -u\`. Exit codes: **0** done; **1** a mistake, a failure, or something that \`check\`,
\`doctor\`, \`health\` or \`simulate\` with bounds found; a message of one line says which. A process that a signal ends has the code
that the system gives it.

`;

test('the reference of the command line is the command line', async () => {
  const text = `${COMMAND_LINE}${(await usages(root, [])).join('\n')}`;
  await expect(text).toMatchFileSnapshot('../src/docs/command-line.md');
});

test('the reference of metrics is what is defined', async () => {
  const rows = Object.values(METRICS).map(
    ({ name, help, labels = [] }) =>
      `| \`${name}\` | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  const head = `# Metrics

\`GET /metrics\`, for Prometheus; OpenTelemetry's names for GenAI (\`gen_ai_client_token_usage\`, \`gen_ai_server_request_duration_seconds\`,
\`gen_ai_server_time_to_first_token_seconds\`) stand beside them. Labels hold names of the configuration and closed lists, never a caller's text. Made from
the code by \`npm test -- test/docs -u\`.

| metric | labels | says |
|---|---|---|
`;
  await expect(`${head}${rows.join('\n')}\n`).toMatchFileSnapshot('../src/docs/metrics.md');
});

test('every error code has an answer, with its status, and no other has one', () => {
  const defined = [
    ...readFileSync('src/core/errors.ts', 'utf8').matchAll(/^ {2}(\w+): \{ status: (\d+)/gm),
  ];
  const told = [...page('errors').matchAll(/^\| `(\w+)` \| (\d+) \|/gm)];
  expect(told.map(([, code, status]) => `${code} ${status}`)).toEqual(
    defined.map(([, code, status]) => `${code} ${status}`),
  );
});

test('every header that an answer may have is told', () => {
  const sent = readFileSync('src/http/answer/headers.ts', 'utf8').matchAll(
    /'(x-smallfirst-[a-z-]+)'/g,
  );
  const told = page('headers');
  for (const [, name] of sent) expect(told).toContain(`| \`${name}\` |`);
});

test('every route that is mounted is told', () => {
  const told = page('routes');
  const mounted = [
    ...readFileSync('src/http/app.ts', 'utf8').matchAll(
      /app\.(?:get|post|delete)\('(\/[\w/.:-]*)'/g,
    ),
  ].map(([, path = '']) => path.replaceAll(/:(\w+)/g, '{$1}'));
  expect(mounted.length).toBeGreaterThan(40);
  const missing = mounted.filter(
    (path) =>
      !told.includes(path) && !/^\/(dashboard|docs|v1\/(engines|responses|models))\//.test(path),
  );
  expect(missing).toEqual([]);
});

test('the README has 150 lines at most', () => {
  expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThanOrEqual(151);
});

describe.each(['README.md', 'README.es.md', ...PAGES.map(({ file }) => file)])('%s', (file) => {
  test('each link leads to a file', () => {
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(
      ([, href]) => href ?? '',
    );
    const own = links.filter((href) => !/^(https?:|#)/.test(href));
    const missing = own.filter(
      (href) => !existsSync(join(posix.dirname(file), href.split('#')[0] ?? '')),
    );
    expect(missing).toEqual([]);
  });
});

/** Of a command line: the command, and the options that it uses. */
const commandLines = (text: string): readonly string[] =>
  [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .flatMap(([, body = '']) => body.split('\n'))
    .filter((line) => /^smallfirst (?!help|version)/.test(line));

describe.each(['README.md', 'README.es.md', ...GUIDES.map(({ file }) => file)])('%s', (file) => {
  test('each command is one that there is, with options that it has', async () => {
    const reference = page('command-line');
    for (const line of commandLines(readFileSync(file, 'utf8'))) {
      const words = line.split(/\s+/).slice(1);
      const two = `## smallfirst ${words.slice(0, 2).join(' ')}\n`;
      const heading = reference.includes(two) ? two : `## smallfirst ${words[0]}\n`;
      expect(reference, line).toContain(heading);
      const part = reference.split(heading)[1]?.split('\n## ')[0] ?? '';
      for (const [option] of line.matchAll(/ --[a-z-]+/g))
        expect(part, line).toContain(option.trim());
    }
  });
});

describe('/docs', () => {
  test('was built of what stands there now', () => {
    for (const [name, text] of renderDocs())
      expect(
        readFileSync(`dist/docs/${name}`, 'utf8') === text,
        `${name}: npm run build:page`,
      ).toBe(true);
  });

  let whole: WholeGateway;
  beforeAll(async () => {
    whole = await startTestGateway();
  });
  afterAll(() => whole.close());

  test('lists every page, and each is there, without a script', async () => {
    const index = await (await fetch(`${whole.gateway.url}/docs`)).text();
    for (const { slug } of [...GUIDES, ...REFERENCES]) {
      expect(index).toContain(`href="/docs/${slug}"`);
      const answer = await fetch(`${whole.gateway.url}/docs/${slug}`);
      expect(answer.status, slug).toBe(200);
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      const text = await answer.text();
      expect(text).toMatch(/<h1/);
      expect(text).not.toMatch(/<script|\]\(/);
    }
  });

  test('links between pages are addresses of pages', async () => {
    const text = await (await fetch(`${whole.gateway.url}/docs/first-day`)).text();
    expect(text).toContain('href="/docs/rollout"');
    expect(text).toContain('href="/docs/es/primer-dia"');
  });

  test.each(['/docs/nowhere', '/docs/..%2f..%2fpackage.json', '/docs/%2e%2e/package.json'])(
    '%s is no page',
    async (path) => {
      const answer = await fetch(whole.gateway.url + path);
      expect([400, 404]).toContain(answer.status);
    },
  );
});
