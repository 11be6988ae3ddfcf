/**
 * Every file that could talk to another machine, with what it says there. A new one fails this test until
 * it is here with its reason: whatever carries a caller's words must leave through `engine/egress.ts`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const WAYS_OUT: Readonly<Record<string, string>> = {
  'upstreams/http/connections.ts':
    'holds the connections of an upstream, direct or through a proxy; writes nothing itself',
  'upstreams/http/plain-connection.ts':
    'one of them, over plain HTTP; writes what the exchange gave it',
  'upstreams/http/answer-head.ts': 'knows the error classes of the client; sends nothing',
  'upstreams/http/answer-parser.ts': 'likewise',
  'upstreams/http/exchange-errors.ts': 'knows the error classes of the client; sends nothing',
  'models/fetch-from-hub.ts': 'downloads model files; knows no request',
  'models/fetch-from-npm.ts': 'runs npm to download a model file; knows no request',
  'models/engine.ts': 'runs npm to install the embedded engine; knows no request',
  'models/fetch-from-wheel.ts': 'runs pip to download a model file; knows no request',
  'stores/redis/link.ts':
    'to the Redis of the configuration: names and figures of rate limits, and the answers that a rule keeps',
  'telemetry/traces.ts':
    'sends spans to the collector that the environment names: names, figures and causes, no words',
  'meters/prometheus.ts': 'reads an energy meter; sends a query from the configuration',
  'meters/child-lines.ts': 'runs a meter; writes nothing to it',
  'http/server.ts': 'listens over TLS; opens no connection',
  'upstreams/http/link-local.ts':
    'looks up the name of an upstream that is being connected to; sends nothing else',
  'commands/health.ts': 'asks the gateway of the configuration whether it is well; sends no body',
  'dashboard/api.ts':
    "runs in a reader's browser, whose Content-Security-Policy lets it ask the gateway that served it alone",
  'dashboard/copy-as.ts': 'writes programs for a reader to take away; sends nothing',
  'dashboard/live.ts': 'likewise: listens to the events of the gateway that served it',
  'commands/serve/primary.ts': 'starts the worker processes; hands them connections that came in',
  'commands/serve/worker.ts': 'takes the connections that the primary accepted; opens none',
  'commands/demo/traffic.ts': 'asks the demo gateway itself; the words are its own samples',
};

/** Who hands a request to an upstream: the egress, and what stands between it and the wire. */
const SENDERS: Readonly<Record<string, string>> = {
  'competence/answer-checks.ts': 'short questions of `doctor`, to local servers only',
  'competence/measure-judge.ts':
    'pairs of our own text, to the model that `calibrate --judge` measures',
  'competence/ask.ts': 'items of a golden set, to the model that `calibrate` was told to measure',
  'engine/egress.ts': 'the one place that a request leaves by',
  'masking/masked-upstream.ts': 'masks a request that the egress sent, for the same upstream',
  'upstreams/custom-tools.ts': 'hands a request that the egress sent to the same upstream',
  'wire/send-as-functions.ts': 'translates a request that the egress sent, for the same upstream',
  'upstreams/tool-names.ts': 'hands a request that the egress sent to the same upstream',
  'upstreams/limited.ts': 'hands on a request that the egress sent, or not',
  'messages/over-chat.ts': 'translates a request that the egress sent, for the same upstream',
  'responses/over-chat.ts': 'translates a request that the egress sent, for the same upstream',
  'responses/native.ts': 'hands a request that the egress sent to the same upstream',
};

/** Who uses an upstream's connection: one of these for every exchange, request or not. */
const EXCHANGES: Readonly<Record<string, string>> = {
  'upstreams/http/exchange.ts': 'is the exchange',
  'upstreams/anthropic/upstream.ts':
    'writes a request that the egress sent, and asks which models there are',
  'upstreams/openai/probe.ts': 'asks which models there are; sends no body',
  'upstreams/openai/send.ts': 'writes a request that the egress sent',
  'upstreams/openai/upstream.ts': 'sends what the egress handed it',
};

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: withoutTypes(readFileSync(join('src', file), 'utf8')) }));

/** What is imported as a type only cannot send. */
function withoutTypes(text: string): string {
  return text
    .replaceAll(/^import type [\s\S]*?;$/gm, '')
    .replaceAll(/\btype \w+,?/g, '')
    .replaceAll(/^\s*(\/?\*|\/\/).*$/gm, '');
}

const NETWORK = [
  /from '(?:undici|ioredis|ws|axios|got|node-fetch|openai|eventsource)[^']*'/,
  /from '(?:node:)?(?:https|http2|tls|dgram|dns|child_process|cluster)(?:\/promises)?'/,
  // Servers are taken in, clients are not.
  /import \{[^}]*\b(?:request|get|Agent|ClientRequest)\b[^}]*\} from '(?:node:)?http'/,
  /import (?:\* as )?\w+ from '(?:node:)?(?:http|net)'/,
  /import \{[^}]*\b(?:connect|createConnection|Socket)\b[^}]*\} from '(?:node:)?net'/,
  /\bimport\('(?:undici|(?:node:)?(?:http|https|http2|net|tls|dgram|child_process))'\)/,
  /(?<![.\w])(?:globalThis\.)?fetch\(/,
  /\bnew (?:WebSocket|EventSource|XMLHttpRequest)\b/,
  /\bsendBeacon\(/,
];

const matching = (patterns: readonly RegExp[]): readonly string[] =>
  files
    .filter(({ text }) => patterns.some((pattern) => pattern.test(text)))
    .map(({ file }) => file)
    .toSorted();

test('only these files can open a connection', () => {
  expect(matching(NETWORK)).toEqual(Object.keys(WAYS_OUT).toSorted());
});

test('only these files hand a request to an upstream', () => {
  expect(matching([/\b(?:upstream|inner|\w*[uU]pstream\w*)\.send\(/])).toEqual(
    Object.keys(SENDERS).toSorted(),
  );
});

test('only these files exchange anything with an upstream', () => {
  expect(matching([/(?<!Atomics\.)\b(?:sendTo|exchange|probeServer)\(/])).toEqual(
    Object.keys(EXCHANGES).toSorted(),
  );
});

test.each([
  "import { Pool } from 'undici';",
  "import { request } from 'node:https';",
  "import { createServer, request } from 'node:http';",
  "import http from 'node:http';",
  "const answer = await fetch('x');",
  "import { spawn } from 'node:child_process';",
])('%s is seen', (line) => {
  expect(NETWORK.some((pattern) => pattern.test(withoutTypes(line)))).toBe(true);
});

test.each([
  "import type { Dispatcher } from 'undici';",
  "import { createServer, type Server } from 'node:http';",
  "import { isIP } from 'node:net';",
])('%s is harmless', (line) => {
  expect(NETWORK.some((pattern) => pattern.test(withoutTypes(line)))).toBe(false);
});
