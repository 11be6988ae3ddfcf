/** Whatever `deploy/` names of the product is there: variables, routes, metrics, commands, files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { METRICS } from '../../src/telemetry/metric-definitions.ts';

const FOLDER = 'deploy';
// The examples are programs of their own, with tests of their own.
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => !file.startsWith('examples'))
  .filter((file) =>
    /\.(?:md|ya?ml|json|mjs|ts|conf|service|tpl|env)$|\b(?:Dockerfile|Caddyfile)$/.test(file),
  )
  .map((file) => ({ file: join(FOLDER, file), text: readFileSync(join(FOLDER, file), 'utf8') }));

const product = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => readFileSync(join('src', file), 'utf8'))
  .join('\n');

/** Each name that a pattern finds, with the files that have it. */
function named(pattern: RegExp): readonly (readonly [string, string])[] {
  const found = files.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)].map(([whole, group]) => [group ?? whole, file] as const),
  );
  return [...new Map(found.map((each) => [each.join(), each])).values()];
}

test('every environment variable is read somewhere', () => {
  const variables = named(/\b(?:SMALLFIRST|OPENAI|OTEL|ANTHROPIC)_[A-Z][A-Z_]*[A-Z]\b/g);
  expect(variables.length).toBeGreaterThan(5);
  // The configurations that lie here take a few as `${NAME}`.
  const configurations = files.filter(({ file }) => /smallfirst\.ya?ml$/.test(file));
  const read = product + configurations.map(({ text }) => text).join('\n');
  const isRead = (name: string): boolean =>
    product.includes(name) || read.includes(`\${${name}:-`) || read.includes(`\${${name}}`);
  expect(variables.filter(([name]) => !isRead(name))).toEqual([]);
});

test('every metric is exported, every recorded series is recorded', () => {
  const exported = new Set(
    Object.values(METRICS).flatMap(({ name }) =>
      ['', '_bucket', '_sum', '_count'].map((end) => `${name}${end}`),
    ),
  );
  const metrics = named(/\bsmallfirst_[a-z0-9_]+[a-z0-9]\b/g);
  expect(metrics.length).toBeGreaterThan(30);
  expect(metrics.filter(([name]) => !exported.has(name))).toEqual([]);
  const rules = readFileSync(`${FOLDER}/prometheus/rules.yml`, 'utf8');
  const recorded = named(/\bsmallfirst:[a-z0-9_]+:[a-z0-9_]+(?![\w$])/g);
  expect(recorded.filter(([name]) => !rules.includes(`record: ${name}\n`))).toEqual([]);
});

test('every route is one', () => {
  const mounted = readFileSync('src/http/app.ts', 'utf8');
  const routes = named(/(?<![\w.])\/(?:healthz|readyz|metrics|dashboard\b(?!s)|admin\/[\w/{}]+)/g);
  const known = [...mounted.matchAll(/'(\/[\w/:.*]+)'/g)].map(
    ([, path]) => new RegExp(`^${path!.replaceAll(/:\w+/g, '[^/]+')}$`),
  );
  expect(routes.length).toBeGreaterThan(3);
  expect(routes.filter(([path]) => !known.some((each) => each.test(path)))).toEqual([]);
});

test('every command is one', () => {
  const main = readFileSync('src/commands/root.ts', 'utf8');
  const commands = named(/(?:`smallfirst|\/bin\/smallfirst|main\.js"?,?) "?([a-z]+)/g);
  expect(commands.length).toBeGreaterThan(2);
  // The page on traces names spans, which begin with the same word.
  const others = commands.filter(([, file]) => !file.endsWith('TRACES.md'));
  expect(others.filter(([name]) => !new RegExp(`^    ${name}:`, 'm').test(main))).toEqual([]);
});

test('every file that a page links is there', () => {
  for (const { file, text } of files.filter((each) => each.file.endsWith('.md')))
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g))
      expect(existsSync(join(dirname(file), link)), `${file}: ${link}`).toBe(true);
});
