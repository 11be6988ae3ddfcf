/**
 * `npm run bench:paid [-- --rounds 5 --seconds 4 --rate 300 --folder /dev/shm]`: what durable intents add to paid requests at a steady rate, and what a disk
 * that syncs half a second late adds to local ones. Gateways in turn, round by round; the upstream is one in another process.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '../support/gateway-process.ts';
import { median, percentile } from './statistics.ts';

const HERE = import.meta.dirname;
const MAIN = join(HERE, '../../src/main.ts');
const SYNC_DELAY_MS = 500;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    rate: { type: 'string', default: '300' },
    /** Where the ledgers lie: in memory (`/dev/shm`) what is left is not the disk's. */
    folder: { type: 'string', default: tmpdir() },
  },
});
const [rounds, seconds, rate] = [values.rounds, values.seconds, values.rate].map(Number) as [
  number,
  number,
  number,
];
const folder = mkdtempSync(join(values.folder, 'smallfirst-paid-'));
const children: ChildProcess[] = [];

function start(command: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  children.push(child);
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    await wait(100);
  }
  throw new Error(`${url} was not ready.`);
}

interface Case {
  readonly name: string;
  /** Of the command that starts it, before the configuration. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly model: string;
}

interface Server extends Case {
  readonly port: number;
  /** Of each round. */
  readonly p50Ms: number[];
  readonly p99Ms: number[];
  errors: number;
}

/** Sent when it is due, whatever became of those before: a request that waits counts from then. */
async function drive(server: Server, agent: Agent): Promise<void> {
  const body = JSON.stringify({
    model: server.model,
    max_tokens: 20,
    messages: [{ role: 'user', content: 'Where is my order?' }],
  });
  const latenciesMs: number[] = [];
  const began = performance.now();
  const all = Array.from({ length: rate * seconds }, async (_, at) => {
    const dueMs = began + (at * 1000) / rate;
    await wait(Math.max(0, dueMs - performance.now()));
    const status = await post(server.port, body, agent);
    latenciesMs.push(performance.now() - dueMs);
    if (status !== 200) server.errors += 1;
  });
  await Promise.all(all);
  server.p50Ms.push(percentile(latenciesMs, 0.5));
  server.p99Ms.push(percentile(latenciesMs, 0.99));
}

const post = (port: number, body: string, agent: Agent): Promise<number> =>
  new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const sent = request(
      { port, agent, method: 'POST', path: '/v1/chat/completions', headers },
      (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.once('error', () => resolve(0));
    sent.end(body);
  });

async function serve(one: Case, mock: number): Promise<Server> {
  const port = await freePort();
  const own = mkdtempSync(join(folder, 'gateway-'));
  const file = join(own, 'smallfirst.yaml');
  writeFileSync(
    file,
    `server: { port: ${port} }
log: { level: silent }
judge: { deep: off }
store: { kind: sqlite, path: state.db }
upstreams:
  - { name: local, kind: openai, locality: local, url: http://127.0.0.1:${mock}/v1, model: small }
  - { name: cloud, kind: openai, locality: cloud, url: http://127.0.0.1:${mock}/v1, model: large, price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 } }
`,
  );
  start([...one.command, file], one.env);
  await untilReady(`http://127.0.0.1:${port}/readyz`);
  return { ...one, port, p50Ms: [], p99Ms: [], errors: 0 };
}

async function compare(title: string, cases: readonly Case[], mock: number): Promise<void> {
  const servers = await Promise.all(cases.map((one) => serve(one, mock)));
  const agent = new Agent({ keepAlive: true });
  for (const server of servers) await drive(server, agent);
  for (const { p50Ms, p99Ms } of servers) p50Ms.length = p99Ms.length = 0;
  for (let round = 0; round < rounds; round += 1)
    for (const server of round % 2 === 0 ? servers : servers.toReversed())
      await drive(server, agent);
  process.stdout.write(
    `${title}: ${rate} a second, ${rounds} rounds of ${seconds} s each in turn\n`,
  );
  // A machine that does something else shows in the middle of the rounds, and least in the best.
  const shown = (all: readonly number[]): string =>
    `${Math.min(...all).toFixed(2)} to ${median(all).toFixed(2)} ms`;
  for (const { name, p50Ms, p99Ms, errors } of servers)
    process.stdout.write(
      `  ${name.padEnd(16)} best to median round: p50 ${shown(p50Ms)}, p99 ${shown(p99Ms)}, errors ${errors}\n`,
    );
  agent.destroy();
}

const SERVE = [MAIN, 'serve', '--config'];
try {
  const mock = await freePort();
  start([join(HERE, 'servers/mock.ts')], { PORT: String(mock) });
  await untilReady(`http://127.0.0.1:${mock}/v1/models`);
  await compare(
    'paid requests',
    [
      { name: 'with intents', command: SERVE, model: 'cloud/large' },
      {
        name: 'without intents',
        command: [join(HERE, 'without-intents.ts')],
        model: 'cloud/large',
      },
    ],
    mock,
  );
  const shim = join(folder, 'slow-sync.so');
  const made = spawnSync('cc', ['-shared', '-fPIC', '-o', shim, join(HERE, 'slow-sync.c'), '-ldl']);
  if (made.status !== 0) process.stderr.write('SKIPPED: no C compiler, no disk that syncs late\n');
  else
    await compare(
      `local requests, a sync ${SYNC_DELAY_MS} ms later`,
      [
        {
          name: 'late syncs',
          command: SERVE,
          model: 'local/small',
          env: { LD_PRELOAD: shim, SYNC_DELAY_MS: String(SYNC_DELAY_MS) },
        },
        { name: 'as the disk is', command: SERVE, model: 'local/small' },
      ],
      mock,
    );
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
