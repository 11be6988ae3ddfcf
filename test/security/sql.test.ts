/** Row S05: values reach the database as parameters. The first half reads the sources, the second sends statements wherever a word is read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

/** What may stand in a statement beside constants: parts of it that are ours, and placeholders. */
const OUR_PARTS: Readonly<Record<string, readonly string[]>> = {
  'stores/collected/file.ts': ['where'],
  'stores/sqlite/tools.ts': ['table', 'where'],
  'stores/outbox/outbox.ts': ['name', 'on', 'what', 'ref', 'part', 'key'],
  'stores/rollups/places.ts': ['holds'],
  'stores/rollups/search.ts': ['rank', 'where', 'before', 'direction'],
  'stores/sqlite/schema.ts': ['name'],
  'stores/postgres/connection.ts': ['channel'],
  'stores/postgres/copy.ts': ['table.select', 'columns', 'name', 'order'],
  'stores/postgres/migrate-file.ts': ['sum', 'from'],
  // `value` keeps its argument and gives `$1`, `$2` and so on.
  'stores/postgres/rows-sql.ts': ['value(…)', 'rank', "where.join(' AND ')", 'direction', 'before'],
};

const STATEMENT =
  /^\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA|WITH|LISTEN|NOTIFY|VACUUM|ATTACH|BEGIN|SAVEPOINT|SET|TRUNCATE)\s|\b(?:WHERE|FROM|VALUES|ORDER BY|LIMIT|AND|OR|BETWEEN)\b[\s\S]*[=?($]/;
const CONSTANT = /^[A-Z][A-Z0-9_]*(?:\.\w+)?$/;

/** Interpolations in statements that are neither constants nor known to be ours. */
function interpolated(file: string, text: string): readonly string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const known = new Set(OUR_PARTS[file]);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateExpression(node)) {
      const { head, templateSpans } = node;
      const written = head.text + templateSpans.map(({ literal }) => `$${literal.text}`).join('');
      for (const { expression } of STATEMENT.test(written) ? templateSpans : []) {
        const said = expression.getText().replace(/^value\([\s\S]*\)$/, 'value(…)');
        const { line } = source.getLineAndCharacterOfPosition(expression.getStart());
        if (!CONSTANT.test(said) && !known.has(said)) found.push(`${file}:${line + 1} ${said}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test('no statement holds a value: it is a parameter', () => {
  const sources = readdirSync('src/stores', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join('stores', file));
  expect(sources.length).toBeGreaterThan(50);
  expect(
    sources.flatMap((file) => interpolated(file, readFileSync(join('src', file), 'utf8'))),
  ).toEqual([]);
});

test('a database is spoken to by stores alone', () => {
  const others = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      /\.tsx?$/.test(file) && !file.endsWith('.test.ts') && !/^(?:stores|training)\//.test(file),
  );
  const speaking = others.filter((file) =>
    /from '(?:node:sqlite|pg)'/.test(readFileSync(join('src', file), 'utf8')),
  );
  expect(speaking).toEqual([]);
});

test('the rule sees a value, and lets constants and placeholders pass', () => {
  const at = 'stores/postgres/rows-sql.ts';
  expect(interpolated(at, 'const a = `SELECT 1 FROM keys WHERE name = ${name}`;')).toEqual([
    `${at}:1 name`,
  ]);
  expect(interpolated(at, 'const a = `SELECT ${COLUMNS} FROM x WHERE a = ${value(b)}`;')).toEqual(
    [],
  );
});

const KEY = 'key-of-the-tests-0001';
const ADMIN = 'admin-key-of-the-tests';
const STATEMENTS = [
  "' OR '1'='1",
  "'; DROP TABLE records; --",
  '"; DELETE FROM keys; --',
  "') UNION SELECT digest FROM keys --",
  "x'; UPDATE keys SET role = 'admin' WHERE '1' = '1",
  '%_\\',
  "1); ATTACH DATABASE '/tmp/x' AS x; --",
  '$1; SELECT pg_sleep(9)',
] as const;

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({
    store: 'sqlite',
    config: "auth: { mode: keys, adminKey: '${ADMIN}', keys: [{ name: bot, key: '${KEY}' }] }",
    env: { KEY, ADMIN },
  });
});
afterAll(() => whole.close());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
/** Headers hold no other characters. */
const inHeader = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '');

const admin = (path: string, body?: object): Promise<Response> =>
  fetch(`${whole.gateway.url}/admin/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...bearer(ADMIN), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const chat = (
  more: Record<string, unknown>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> => whole.chat('hi', more, { headers: { ...bearer(KEY), ...headers } });

/** By where the words are read. */
const PLACES: Readonly<Record<string, (words: string) => Promise<Response>>> = {
  'the key': (words) => chat({}, bearer(inHeader(words))),
  'the model': (words) => chat({ model: words }),
  'a pinned model': (words) => chat({ model: `cloud/${words}` }),
  'the user': (words) => chat({ user: words, metadata: { conversation: words } }),
  'a response before': (words) =>
    whole.post(
      '/v1/responses',
      { model: 'small', input: 'hi', previous_response_id: words },
      { headers: bearer(KEY) },
    ),
  'a tag': (words) =>
    chat({}, { 'x-smallfirst-tag': inHeader(words), 'idempotency-key': inHeader(words) }),
  'a request id': (words) => chat({}, { 'x-request-id': inHeader(words) }),
  'an id of a record': (words) => admin(`requests/${encodeURIComponent(words)}`),
  'a cursor': (words) => admin(`requests?cursor=${encodeURIComponent(words)}`),
  'a filter': (words) =>
    admin(
      `requests?view=rows&${['key', 'upstream', 'model', 'sort', 'order', 'text', 'q', 'outcome']
        .map((name) => `${name}=${encodeURIComponent(words)}`)
        .join('&')}`,
    ),
  'a search': (words) => admin(`requests?view=rows&q=${encodeURIComponent(words)}`),
  'a version': (words) => admin(`policies/${encodeURIComponent(words)}`),
  'a file': (words) =>
    fetch(`${whole.gateway.url}/v1/files/${encodeURIComponent(words)}`, { headers: bearer(KEY) }),
  'a name of a key': (words) => admin('keys', { name: words }),
  'a name of a budget': (words) => admin('budgets', { name: words, usd: 1, per: 'day' }),
};

const COUNTED = ['keys', 'budgets', 'policies', 'activations', 'owners', 'feedback'] as const;

function tables(): Readonly<Record<string, unknown>> {
  using db = new DatabaseSync(join(whole.folder, 'state.db'), { readOnly: true });
  const names = db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'").get();
  const admins = db.prepare("SELECT count(*) AS n FROM keys WHERE settings LIKE '%admin%'").get();
  const counts = COUNTED.map((name) => [
    name,
    db.prepare(`SELECT count(*) AS n FROM ${name}`).get(),
  ]);
  return { names, admins, ...Object.fromEntries(counts) };
}

test('statements in every word that is read change nothing, find nothing and break nothing', async () => {
  await (await chat({})).text();
  const before = tables();
  for (const [place, send] of Object.entries(PLACES))
    for (const words of STATEMENTS) {
      const answer = await send(words);
      const text = await answer.text();
      expect([place, words, answer.status < 500, /sqlite|syntax error|SQLITE/i.test(text)]).toEqual(
        [place, words, true, false],
      );
      if (place === 'the key') expect(answer.status).toBe(401);
      if (place.startsWith('a name of'))
        expect([place, words, answer.status]).toEqual([place, words, 400]);
    }
  expect(tables()).toEqual(before);
});
