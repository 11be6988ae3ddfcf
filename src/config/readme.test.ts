import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dialectNames } from '../core/dialect-names.ts';
import { resolveTimeouts } from '../upstreams/http/timeouts.ts';
import { upstreamKinds } from '../upstreams/index.ts';
import { loadConfig } from './load.ts';
import { configJsonSchema } from './schema.ts';

const text = readFileSync('src/config/README.md', 'utf8');

test('the example loads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-readme-'));
  const example = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  writeFileSync(join(folder, 'smallfirst.yaml'), example);
  const env = { SMALLFIRST_ADMIN_KEY: 'a', WEB_KEY: 'b', BATCH_KEY: 'c', OPENAI_API_KEY: 'd' };
  expect(
    loadConfig({ file: 'smallfirst.yaml', env, cwd: folder, kinds: upstreamKinds }).auth.mode,
  ).toBe('keys');
  rmSync(folder, { recursive: true });
});

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
}

/** `a.b[].c` for every key that holds a value; a secret counts as a value, however it is given. */
function keys(shape: Shape, path: string): readonly string[] {
  if (shape.properties !== undefined && 'file' in shape.properties) return [path];
  const below = Object.entries(shape.properties ?? {}).flatMap(([name, each]) =>
    keys(each, path === '' ? name : `${path}.${name}`),
  );
  const choices = (shape.oneOf ?? shape.anyOf ?? []).flatMap((each) => keys(each, path));
  const items = shape.items?.properties || shape.items?.oneOf ? keys(shape.items, `${path}[]`) : [];
  const all = [...below, ...choices, ...items];
  return all.length === 0 ? [path] : all;
}

test('the limits that it gives are those of the adapter', () => {
  const timeouts = resolveTimeouts();
  for (const key of ['connectMs', 'firstByteMs', 'idleMs', 'wholeMs'] as const)
    expect(text).toMatch(new RegExp(`${key}\` +\\| ${timeouts[key]} +\\|`));
});

test('the documented servers are those that have a dialect', () => {
  const schema = JSON.stringify(configJsonSchema(upstreamKinds));
  expect(schema).toContain(JSON.stringify({ type: 'string', enum: dialectNames }));
});

test('the table has every key of the schema, and no other', () => {
  const listed = [...text.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, key]) => key);
  // JSON Schema is wider than `Shape`, which has only the members that locate keys.
  const shape: unknown = JSON.parse(JSON.stringify(configJsonSchema(upstreamKinds)));
  expect(new Set(listed)).toEqual(new Set(keys(shape as Shape, '')));
});
