/**
 * Every member of every request that OpenAI's and Anthropic's schemas know, with personal data in it, against a gateway whose local
 * model is down: what reaches the cloud is looked at byte by byte.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unreadKinds } from '../../src/core/unread.ts';
import { isObject, type Json, type JsonObject } from '../../src/lib/json.ts';
import {
  membersIn,
  pointersIn,
  type SchemaMember,
  type Schemas,
  textOf,
} from './schema-members.ts';

const read = (file: string): Schemas =>
  // Our own file.
  JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures', file), 'utf8')) as Schemas;

export interface MatrixRoute {
  readonly path: string;
  readonly schemas: Schemas;
  readonly root: string;
  readonly model: string;
  readonly streams: boolean;
}

/** The list that `config` of the test gateway goes on: a cloud that takes `/v1/messages` as it is. */
export const anthropicCloud = (url: string): string =>
  `  - { name: claude, kind: anthropic, locality: cloud, url: ${url}, model: opus }`;

const MESSAGES = 'MessageCreateParamsBase';

export function matrixRoutes(): readonly MatrixRoute[] {
  const openai = read('openai-schemas.json');
  const anthropic = read('messages-schemas.json');
  const chat = { schemas: openai, model: 'cloud/gpt-4o', streams: true };
  const carried = { schemas: openai, model: 'gpt-image-1', streams: false };
  return [
    { ...chat, path: '/v1/chat/completions', root: 'CreateChatCompletionRequest' },
    { ...chat, path: '/v1/completions', root: 'CreateCompletionRequest' },
    { ...chat, path: '/v1/embeddings', root: 'CreateEmbeddingRequest', streams: false },
    { ...chat, path: '/v1/responses', root: 'CreateResponse' },
    { ...chat, path: '/v1/messages', root: MESSAGES, schemas: anthropic, model: 'claude/opus' },
    { ...carried, path: '/v1/images/generations', root: 'CreateImageRequest' },
    { ...carried, path: '/v1/moderations', root: 'CreateModerationRequest' },
  ];
}

/** Lets every kind go that nobody reads: only what a signal finds keeps a request here. */
export const FOUND_STAYS = `
name: found-stays
objective: { complexityBelow: 0.4 }
targets: { small: { upstream: local }, large: { upstream: cloud } }
constraints:
  - name: found
    when: signals.pii >= 0.5
    require: { locality: local }
    letUnread: [${unreadKinds.join(', ')}]
`;

/** Personal data that a check digit, or a form of its own, gives away wherever it stands. */
const PERSONAL: Readonly<Record<string, Json>> = {
  email: 'ana.lopez@ejemplo.es',
  card: '4111 1111 1111 1111',
  'card as a number': 4111111111111111,
  iban: 'DE89 3704 0044 0532 0130 00',
  phone: '+34 612 345 678',
  'Spanish identity': '12345678Z',
  address: '203.0.114.7',
  key: 'AKIAIOSFODNN7EXAMPLE',
};

/** What nobody would take for personal, to show that requests of this form do leave. */
const HARMLESS: Json = 'blue';

export interface MatrixCase {
  readonly pointer: string;
  readonly path: string;
  readonly kind: string;
  readonly stream: boolean;
  readonly body: JsonObject;
  /** As it would stand in the cloud's bytes. */
  readonly planted: string;
}

/** Members of the schemas that the matrix does not try. */
export function untried(route: MatrixRoute): readonly string[] {
  const tried = new Set(membersIn(route.schemas, route.root).map(({ pointer }) => pointer));
  return pointersIn(route.schemas, route.root).filter((pointer) => !tried.has(pointer));
}

/** What a member is tried with, by its place in the list of all. */
export interface Trying {
  kinds(at: number): readonly string[];
  streams(at: number): readonly boolean[];
}

export const EVERYTHING: Trying = {
  kinds: () => [...Object.keys(PERSONAL), 'harmless'],
  streams: () => [false, true],
};

/** One kind and one way each, in turn. */
export const IN_TURN: Trying = {
  kinds: (at) => [EVERYTHING.kinds(at)[at % EVERYTHING.kinds(at).length] ?? ''],
  streams: (at) => [at % 2 === 0],
};

export function matrixCases(route: MatrixRoute, trying: Trying): readonly MatrixCase[] {
  return membersIn(route.schemas, route.root).flatMap((member, at) =>
    trying.kinds(at).flatMap((kind) => {
      const ways = route.streams ? trying.streams(at) : [false];
      return ways.map((stream) => caseOf(route, member, kind, stream));
    }),
  );
}

function caseOf(
  { path, model, streams }: MatrixRoute,
  { pointer, with: withValue }: SchemaMember,
  kind: string,
  stream: boolean,
): MatrixCase {
  const value = kind === 'harmless' ? HARMLESS : (PERSONAL[kind] ?? null);
  const made = withValue(value);
  const given = isObject(made) ? made : {};
  // Where the member is one of these it keeps what was planted.
  const own = {
    model: planted(given['model'], value) ? given['model'] : model,
    ...(streams ? { stream: planted(given['stream'], value) ? given['stream'] : stream } : {}),
  };
  return {
    pointer,
    path,
    kind,
    stream,
    body: { ...given, ...own, ...asked(path, given, textOf(value)) },
    planted: textOf(value),
  };
}

const planted = (member: Json | undefined, value: Json): boolean => member === value;

/** What a route asks for beside its schema, or with more in it than the least. */
function asked(path: string, body: JsonObject, value: string): JsonObject {
  const said = [{ role: 'user', content: 'hello there' }];
  if (path === '/v1/messages' || path === '/v1/chat/completions') {
    const { messages = [] } = body;
    const text = JSON.stringify(messages);
    return text.length < 40 && !text.includes(value) ? { messages: said } : {};
  }
  if (path === '/v1/responses') return body['input'] === undefined ? { input: 'hello there' } : {};
  return {};
}

export interface MatrixResult {
  readonly tried: number;
  /** `<member> <kind>, <status>` of each whose value was found in what the cloud got. */
  readonly leaks: readonly string[];
  /** Those with nothing personal in them that did leave. */
  readonly left: number;
}

export async function tryMatrix(
  cases: readonly MatrixCase[],
  { send, arrived }: { send(path: string, body: string): Promise<number>; arrived(): string },
): Promise<MatrixResult> {
  const leaks: string[] = [];
  let left = 0;
  for (const { path, body, kind, planted: value, pointer } of cases) {
    const status = await send(path, JSON.stringify(body));
    const seen = arrived();
    if (kind === 'harmless') left += seen === '' ? 0 : 1;
    else if (seen.includes(value)) leaks.push(`${pointer} ${kind}, ${status}`);
    if (status >= 500) leaks.push(`${pointer} ${kind}: answered with ${status}`);
  }
  return { tried: cases.length, leaks, left };
}
