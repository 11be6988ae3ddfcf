/**
 * Rows D6 and S21: words from outside are never looked up in what every object inherits. The first half reads the sources,
 * the second asks a gateway with each member of `Object.prototype` wherever a word is expected.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('training/'),
);

/** Tables whose words are open: constants of the type `Record<string, …>` that are written as an object. */
function isOpenTable({ type, initializer }: ts.VariableDeclaration): boolean {
  if (type === undefined || initializer?.kind !== ts.SyntaxKind.ObjectLiteralExpression)
    return false;
  return /^(?:Readonly<)?(?:Record<string,|\{(?:readonly)?\[\w+:string\])/.test(
    type.getText().replaceAll(/\s/g, ''),
  );
}

/** `TABLE[word]` in a source, where TABLE is such a constant of it. */
function lookUps(file: string, text: string): readonly string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const declared = source.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations.filter(isOpenTable));
  const tables = new Set(declared.map(({ name }) => name.getText()));
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isElementAccessExpression(node) &&
      tables.has(node.expression.getText()) &&
      !ts.isStringLiteral(node.argumentExpression)
    ) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1} ${node.getText()}: use own() of lib/own.ts, or a Map`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test('no table of words is looked up as an object', () => {
  expect(sources.flatMap((file) => lookUps(file, readFileSync(join('src', file), 'utf8')))).toEqual(
    [],
  );
});

test('the rule sees a look-up, and lets a Map and a fixed member pass', () => {
  const table = "const WORDS: Readonly<Record<string, string>> = { a: 'b' };\n";
  expect(lookUps('x.ts', `const y = (word: string) => WORDS[word];\n${table}`)).toEqual([
    'x.ts:1 WORDS[word]: use own() of lib/own.ts, or a Map',
  ]);
  expect(lookUps('x.ts', `${table}const y = WORDS['a'];`)).toEqual([]);
});

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway();
});
afterAll(() => whole.close());

const INHERITED = Object.getOwnPropertyNames(Object.prototype);
const UNKNOWN = 'zzzzzz';

interface Asked {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

const chat = (more: object): Asked => ({
  path: '/v1/chat/completions',
  body: { model: 'cloud/gpt-4o', messages: [{ role: 'user', content: 'hi' }], ...more },
});
const says = (message: object): Asked => chat({ messages: [{ role: 'user', ...message }] });
const responds = (more: object): Asked => ({
  path: '/v1/responses',
  body: { model: 'cloud/gpt-4o', input: 'hi', ...more },
});
const messages = (more: object): Asked => ({
  path: '/v1/messages',
  body: {
    model: 'cloud/gpt-4o',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'hi' }],
    ...more,
  },
});

const PLACES: Readonly<Record<string, (word: string) => Asked>> = {
  model: (word) => chat({ model: word }),
  'pinned upstream': (word) => chat({ model: `${word}/m` }),
  'member of a chat': (word) => chat({ [word]: 1 }),
  role: (word) => says({ role: word, content: 'hi' }),
  'part of a message': (word) => says({ content: [{ type: word, [word]: 'hi' }] }),
  tool: (word) => chat({ tools: [{ type: word, [word]: {} }] }),
  'name of a function': (word) => chat({ tools: [{ type: 'function', function: { name: word } }] }),
  tool_choice: (word) => chat({ tool_choice: word }),
  response_format: (word) => chat({ response_format: { type: word } }),
  service_tier: (word) => chat({ service_tier: word }),
  reasoning_effort: (word) => chat({ reasoning_effort: word }),
  modality: (word) => chat({ modalities: [word] }),
  'item of a response': (word) => responds({ input: [{ type: word }] }),
  'content of an item': (word) =>
    responds({ input: [{ role: 'user', content: [{ type: word }] }] }),
  'member of a response': (word) => responds({ [word]: {} }),
  'tool of a response': (word) => responds({ tools: [{ type: word }] }),
  'previous response': (word) => responds({ previous_response_id: word }),
  'block of a message': (word) =>
    messages({ messages: [{ role: 'user', content: [{ type: word }] }] }),
  'choice of a tool': (word) => messages({ tool_choice: { type: word } }),
  'embedding format': (word) => ({
    path: '/v1/embeddings',
    body: { model: 'text-embedding-3-small', input: 'hi', encoding_format: word },
  }),
  route: (word) => ({ path: `/v1/${word}`, body: {} }),
  'admin route': (word) => ({ path: `/admin/${word}`, method: 'GET' }),
  'listed model': (word) => ({ path: `/v1/models/${word}`, method: 'GET' }),
  record: (word) => ({ path: `/admin/requests/${word}`, method: 'GET' }),
  policy: (word) => ({ path: `/admin/policies/${word}/activate`, body: {} }),
  'content encoding': (word) => ({ ...chat({}), headers: { 'content-encoding': word } }),
  override: (word) => ({ ...chat({}), headers: { 'x-smallfirst-route': word } }),
  'media type': (word) => ({ ...chat({}), headers: { 'content-type': `application/${word}` } }),
};

async function told({ path, body, headers = {}, method = 'POST' }: Asked): Promise<number> {
  const answer = await fetch(whole.gateway.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await answer.text();
  return answer.status;
}

test.each(Object.entries(PLACES))(
  '%s: what every object inherits is a word like any unknown one',
  async (_, asking) => {
    const status = await told(asking(UNKNOWN));
    expect(status).toBeLessThan(500);
    for (const word of INHERITED) expect([word, await told(asking(word))]).toEqual([word, status]);
  },
);

/** What an upstream says is from outside too. */
const ANSWERS: Readonly<Record<string, (word: string) => object>> = {
  finish_reason: (word) => ({
    choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: word }],
  }),
  role: (word) => ({
    choices: [{ index: 0, message: { role: word, content: 'x' }, finish_reason: 'stop' }],
  }),
  'error code': (word) => ({ error: { message: 'no', type: word, code: word } }),
  object: (word) => ({ object: word, choices: [] }),
  usage: (word) => ({
    choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, [word]: { [word]: 1 } },
    service_tier: word,
    model: word,
  }),
};

test.each(Object.entries(ANSWERS))('an upstream’s %s likewise', async (_, answer) => {
  const gateway = await startTestGateway({
    cloud: {
      behaviour: ({ text }) =>
        text.startsWith('as ')
          ? { kind: 'raw', body: JSON.stringify(answer(text.slice(3))) }
          : undefined,
    },
  });
  for (const path of ['/v1/chat/completions', '/v1/messages']) {
    const statusOf = async (content: string): Promise<number> => {
      const asked = [{ role: 'user', content }];
      const got = await gateway.post(path, {
        model: 'cloud/gpt-4o',
        max_tokens: 9,
        messages: asked,
      });
      await got.text();
      return got.status;
    };
    const status = await statusOf(`as ${UNKNOWN}`);
    for (const word of INHERITED) {
      expect([word, await statusOf(`as ${word}`)]).toEqual([word, status]);
      // Failures in a row would close the model.
      expect(await statusOf('well')).toBe(200);
    }
  }
  await gateway.close();
});
