/**
 * Sends the same requests to this gateway and to another checkout of it, one at a time and in the same order, and compares
 * answers, headers and records. Only what differs from run to run is left out: ids, times and what follows from times.
 */
import { isDeepStrictEqual } from 'node:util';
import { variedBodies } from './bodies.ts';
import { startServers, type BenchServer } from './servers.ts';

interface Given {
  readonly path: string;
  readonly body: string;
}

interface Seen {
  readonly status: number;
  readonly headers: object;
  readonly body: string;
  readonly record: unknown;
}

/** Differences shown; the rest is only counted. */
const SHOWN = 5;

/** Whether all were the same. @param path the other checkout */
export async function compareAnswers(path: string, say: (line: string) => void): Promise<boolean> {
  // whether the deep judge answers in time is different each time
  const config = { judge: { deep: 'off' } };
  const servers = await startServers({ upstream: 'mock', compare: path, config });
  try {
    const ours = named(servers.list, 'smallfirst');
    const theirs = named(servers.list, 'compared');
    const requests = [...variedBodies.flatMap(wholeAndStreamed), ...ODD];
    let different = 0;
    for (const [index, request] of requests.entries()) {
      const [one, other] = [await seen(ours, request), await seen(theirs, request)];
      if (!isDeepStrictEqual(one, other)) {
        different += 1;
        if (different <= SHOWN) say(shown(request, one, other));
      }
      if (index % 1000 === 999) say(`${index + 1} of ${requests.length} requests`);
    }
    say(`${requests.length} requests, ${different} with another answer, header or record`);
    return different === 0;
  } finally {
    await servers.stop();
  }
}

function named(list: readonly BenchServer[], name: string): BenchServer {
  const server = list.find((one) => one.name === name);
  if (server === undefined) throw new Error(`${name} is not among the servers.`);
  return server;
}

const CHAT = '/v1/chat/completions';

function wholeAndStreamed(body: string, index: number): readonly Given[] {
  const usage = index % 2 === 0 ? ',"stream_options":{"include_usage":true}' : '';
  // Every so often the small model fails, and the large one stands in.
  const sent = index % 200 === 0 ? body.replace('(case ', 'fails=small-model (case ') : body;
  return [sent, `${sent.slice(0, -1)},"stream":true${usage}}`].map((text) => ({
    path: CHAT,
    body: text,
  }));
}

/** Other routes, pinned models, refusals and errors. */
const ODD: readonly Given[] = [
  { path: CHAT, body: '{"model":"small","messages":[{"role":"user","content":"Hi"}]}' },
  { path: CHAT, body: '{"model":"large","messages":[{"role":"user","content":"Hi"}]}' },
  { path: CHAT, body: '{"model":"cloud/gpt-4o","messages":[{"role":"user","content":"Hi"}]}' },
  { path: CHAT, body: '{"model":"nowhere/none","messages":[{"role":"user","content":"Hi"}]}' },
  {
    path: CHAT,
    body: '{"model":"auto","model":"small","messages":[{"role":"user","content":"a"}]}',
  },
  { path: CHAT, body: '{"model":"auto","messages":[]}' },
  { path: CHAT, body: '{"model":"auto","messages":[{"role":"user"' },
  { path: CHAT, body: '[]' },
  { path: `${CHAT}?a=b`, body: '{"model":"auto","messages":[{"role":"user","content":"Hi"}]}' },
  { path: '/v1/completions', body: '{"model":"auto","prompt":"Once upon a time"}' },
  { path: '/v1/embeddings', body: '{"model":"auto","input":"Once upon a time"}' },
  { path: '/v1/responses', body: '{"model":"auto","input":"What is 2 and 2?"}' },
  {
    path: '/v1/messages',
    body: '{"model":"auto","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}',
  },
  { path: '/v1/unknown', body: '{"model":"auto"}' },
];

async function seen({ origin }: BenchServer, { path, body }: Given): Promise<Seen> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(origin + path, { method: 'POST', headers, body });
  const text = await response.text();
  const id = response.headers.get('x-request-id') ?? '';
  const record = await fetch(`${origin}/admin/requests/${id}`);
  return {
    status: response.status,
    headers: Object.fromEntries([...response.headers].filter(([name]) => !VARYING.has(name))),
    body: text
      .replaceAll(id, 'ID')
      .replaceAll(VARYING_IDS, 'ID')
      .replaceAll(/@[\d.]+ /g, '@ '),
    record: withoutTimes(await record.json()),
  };
}

/** Cost and energy follow from how long the answer took. */
const VARYING: ReadonlySet<string> = new Set([
  'date',
  'x-request-id',
  'request-id',
  'x-smallfirst-cost-usd',
  'x-smallfirst-energy-j',
]);
const VARYING_IDS =
  /\b(?:resp|msg|req|item|rs|fc)_(?:sf)?[\da-f]{32}|"(?:created|completed)_at":\d+/g;
const TIMES: ReadonlySet<string> = new Set([
  'id',
  'of',
  'answerOf',
  'atMs',
  'nowMs',
  'startedMs',
  'latencyMs',
  'ttftMs',
  'overheadMs',
  'gridGramsPerKwh',
]);
const FROM_TIMES: ReadonlySet<string> = new Set([
  'cost',
  'energy',
  'carbon',
  'water',
  'baselineEnergy',
]);

/** The same value with its times, and what follows from them, replaced by the names of their types. */
function withoutTimes(value: unknown, isFromTime = false): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutTimes(one, isFromTime));
  if (typeof value !== 'object' || value === null) return isFromTime ? typeof value : value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      TIMES.has(name) ? typeof member : withoutTimes(member, isFromTime || FROM_TIMES.has(name)),
    ]),
  );
}

/** The request and the members that differ. */
function shown({ path, body }: Given, one: Seen, other: Seen): string {
  return [`${path} ${body.slice(0, 200)}`, ...differences(one, other, '')].join('\n  ');
}

function differences(one: unknown, other: unknown, at: string): readonly string[] {
  if (isDeepStrictEqual(one, other)) return [];
  const [ours, theirs] = [membersOf(one), membersOf(other)];
  if (ours === undefined || theirs === undefined) {
    return [`${at}: ${JSON.stringify(one)}, and before ${JSON.stringify(other)}`];
  }
  const names = new Set([...ours.keys(), ...theirs.keys()]);
  return [...names].flatMap((name) =>
    differences(ours.get(name), theirs.get(name), `${at}.${name}`),
  );
}

const membersOf = (value: unknown): ReadonlyMap<string, unknown> | undefined =>
  typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
