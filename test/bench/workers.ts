/**
 * `npm run bench:workers [-- --rounds 8 --workers 1,2 --connections 16,32 --pin --compare PATH]`: what `serve --workers` costs and gives, in another checkout
 * too. Gateways of so many workers in turn, for a second each and at each number of connections, before one nginx; processor time is
 * of all their processes. `apart2` in place of a number is two gateways of one process that know nothing of each other, each with half
 * of the connections: what any two processes cost here. With `--pin` gateways have one processor, load and upstream the other.
 * Needs `wrk`, `nginx` and Linux.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '../support/gateway-process.ts';
import { workersOf } from '../support/processes.ts';
import { npmStart } from './servers.ts';
import { percentile } from './statistics.ts';
import { nginxConfig } from './servers/nginx-config.ts';
import { processNs } from './threads.ts';
import { drive } from './wrk.ts';

const HERE = join(import.meta.dirname, '../..');
const BODY = JSON.stringify({
  model: 'small',
  messages: [{ role: 'user', content: 'What is the capital of France? Answer in one word.' }],
});

/** What answers at one address. */
interface Server {
  readonly workers: number;
  readonly origin: string;
  readonly pid: number;
}

/** One row of the table: servers that are asked at the same time. */
interface Row {
  readonly name: string;
  readonly connections: number;
  readonly servers: readonly Server[];
  readonly rounds: Round[];
}

/** Microseconds a request of all processes, of the primary, and of the threads that run JavaScript of requests. */
interface Round {
  readonly cpuUs: number;
  readonly primaryUs: number;
  readonly mainUs: number;
  readonly perSecond: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '8' },
    workers: { type: 'string', default: '1,2' },
    compare: { type: 'string' },
    connections: { type: 'string', default: '16,32' },
    pin: { type: 'boolean', default: false },
  },
});
const [ours, others] = values.pin
  ? [
      ['taskset', '-c', '0'],
      ['taskset', '-c', '1'],
    ]
  : [[], []];
const folder = mkdtempSync(join(tmpdir(), 'smallfirst-workers-'));
const children: ChildProcess[] = [];

function start(name: string, command: readonly string[], env: Readonly<Record<string, string>>) {
  const log = openSync(join(folder, `${name}.log`), 'w');
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
  });
  children.push(child);
  return child.pid ?? 0;
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    await wait(100);
  }
  throw new Error(`${url} was not ready; see ${folder}.`);
}

async function startUpstream(): Promise<string> {
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig(port, folder));
  start(
    'nginx',
    [...others, 'nginx', '-p', folder, '-c', config, '-e', join(folder, 'errors')],
    {},
  );
  await untilReady(`http://127.0.0.1:${port}/v1/models`);
  return `http://127.0.0.1:${port}/v1`;
}

/** The gateway of a checkout, before this upstream. */
interface Start {
  readonly checkout: string;
  readonly url: string;
}

async function startGateway(
  name: string,
  workers: number,
  { checkout, url }: Start,
): Promise<Server> {
  const port = await freePort();
  const config = join(folder, `${name}.yaml`);
  const upstream = { kind: 'openai', url };
  writeFileSync(
    config,
    JSON.stringify({
      server: { port, workers },
      upstreams: [
        { ...upstream, name: 'local', locality: 'local', model: 'small-model' },
        { ...upstream, name: 'cloud', locality: 'cloud', model: 'gpt-4o' },
      ],
      store: { kind: 'sqlite', path: join(folder, `${name}.db`) },
    }),
  );
  const command = [...ours, process.execPath, ...npmStart(checkout), '--config', config];
  const pid = start(`gateway-${name}`, command, {});
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(`${origin}/readyz`);
  return { workers, origin, pid };
}

/** @param kind `2`, or `apart2` */
async function startServers(kind: string, suffix: string, how: Start): Promise<Server[]> {
  const [, count] = /^apart(\d+)$/.exec(kind) ?? [];
  if (count === undefined) return [await startGateway(kind + suffix, Number(kind), how)];
  const servers: Server[] = [];
  for (let at = 1; at <= Number(count); at += 1)
    servers.push(await startGateway(`${kind}-${at}${suffix}`, 1, how));
  return servers;
}

const sum = (of: readonly number[]): number => of.reduce((total, ns) => total + ns, 0);

async function cpuNs({ pid, workers }: Server) {
  const own = processNs(pid);
  const started = (await workersOf(pid)).map(processNs);
  const serving = workers === 1 ? [own] : started;
  return {
    all: sum([own, ...started].map(({ all }) => all)),
    primary: workers === 1 ? 0 : own.all,
    main: sum(serving.map(({ main }) => main)),
  };
}

async function cpuOf({ servers }: Row) {
  const each = await Promise.all(servers.map(cpuNs));
  const of = (part: 'all' | 'primary' | 'main') => sum(each.map((one) => one[part]));
  return { all: of('all'), primary: of('primary'), main: of('main') };
}

async function round(row: Row, seconds: number): Promise<void> {
  const { servers, connections } = row;
  const before = await cpuOf(row);
  const load = { bodies: [BODY], connections: connections / servers.length, seconds };
  const driven = await Promise.all(
    servers.map((one) => drive({ ...one, name: 'smallfirst', headers: {} }, load, others)),
  );
  const [requests, errors] = [
    sum(driven.map((one) => one.requests)),
    sum(driven.map((one) => one.errors)),
  ];
  if (errors > 0) throw new Error(`${errors} of ${requests} requests failed.`);
  const after = await cpuOf(row);
  const us = (part: 'all' | 'primary' | 'main'): number =>
    (after[part] - before[part]) / requests / 1000;
  // A machine that is busy with other things may serve none in a second.
  if (requests > 0)
    row.rounds.push({
      cpuUs: us('all'),
      primaryUs: us('primary'),
      mainUs: us('main'),
      perSecond: requests / seconds,
    });
}

function line({ name, connections, rounds }: Row): string {
  const at = (part: keyof Round, share: number): string =>
    percentile(
      rounds.map((one) => one[part]),
      share,
    ).toFixed(1);
  const cpu = `${at('cpuUs', 0)}, ${at('cpuUs', 0.25)}, ${at('cpuUs', 0.5)} µs a request (least, lower quartile, median)`;
  const parts = `main threads ${at('mainUs', 0.25)}, primary ${at('primaryUs', 0.25)}`;
  return `${name} workers at ${connections}: ${cpu}; ${parts}; ${at('perSecond', 1)} requests/s at most, ${at('perSecond', 0.5)} at the median`;
}

try {
  const url = await startUpstream();
  const rows: Row[] = [];
  const checkouts = values.compare === undefined ? [HERE] : [HERE, values.compare];
  for (const kind of values.workers.split(',')) {
    for (const checkout of checkouts) {
      const suffix = checkout === HERE ? '' : '-compared';
      const servers = await startServers(kind, suffix, { checkout, url });
      for (const connections of values.connections.split(',').map(Number))
        rows.push({ name: kind + suffix, connections, servers, rounds: [] });
    }
  }
  // Each function is compiled after some hundred calls, in each process.
  for (const row of rows) await round(row, 5);
  for (const { rounds } of rows) rounds.length = 0;
  for (let at = 0; at < Number(values.rounds); at += 1) for (const row of rows) await round(row, 1);
  for (const row of rows) console.log(line(row));
} finally {
  for (const child of children) child.kill('SIGTERM');
  await wait(2000);
  rmSync(folder, { recursive: true, force: true });
}
