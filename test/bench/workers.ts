/**
 * `npm run bench:workers [-- --rounds 8 --workers 1,2 --connections 32 --compare PATH]`: what `serve --workers` costs and gives, in another checkout too. Gateways of so many workers
 * in turn, for a second each, before one nginx; processor time is of all their processes. Needs `wrk`, `nginx` and Linux.
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
import { nginxConfig } from './servers/nginx-config.ts';
import { processNs } from './threads.ts';
import { drive } from './wrk.ts';

const HERE = join(import.meta.dirname, '../..');
const BODY = JSON.stringify({
  model: 'small',
  messages: [{ role: 'user', content: 'What is the capital of France? Answer in one word.' }],
});

interface Gateway {
  readonly name: string;
  readonly workers: number;
  readonly origin: string;
  readonly pid: number;
  /** Microseconds of all processes a request, a round each. */
  readonly cpuUs: number[];
  /** Of these the primary's. */
  readonly primaryUs: number[];
  /** And the threads that run JavaScript of requests. */
  readonly mainUs: number[];
  readonly perSecond: number[];
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '8' },
    workers: { type: 'string', default: '1,2' },
    compare: { type: 'string' },
    connections: { type: 'string', default: '32' },
  },
});
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
  start('nginx', ['nginx', '-p', folder, '-c', config, '-e', join(folder, 'errors')], {});
  await untilReady(`http://127.0.0.1:${port}/v1/models`);
  return `http://127.0.0.1:${port}/v1`;
}

async function startGateway(workers: number, url: string, checkout = HERE): Promise<Gateway> {
  const name = checkout === HERE ? `${workers}` : `${workers}-compared`;
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
  const pid = start(
    `gateway-${name}`,
    [process.execPath, ...npmStart(checkout), '--config', config],
    {},
  );
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(`${origin}/readyz`);
  return { name, workers, origin, pid, cpuUs: [], primaryUs: [], mainUs: [], perSecond: [] };
}

async function cpuNs({ pid, workers }: Gateway) {
  const own = processNs(pid);
  const others = (await workersOf(pid)).map(processNs);
  const serving = workers === 1 ? [own] : others;
  const sum = (of: readonly number[]): number => of.reduce((total, ns) => total + ns, 0);
  return {
    all: sum([own, ...others].map(({ all }) => all)),
    primary: workers === 1 ? 0 : own.all,
    main: sum(serving.map(({ main }) => main)),
  };
}

async function round(gateway: Gateway, seconds: number): Promise<void> {
  const server = { ...gateway, name: 'smallfirst', headers: {} } as const;
  const before = await cpuNs(gateway);
  const load = { bodies: [BODY], connections: Number(values.connections), seconds };
  const { requests, errors } = await drive(server, load, []);
  if (errors > 0) throw new Error(`${errors} of ${requests} requests failed.`);
  const after = await cpuNs(gateway);
  gateway.cpuUs.push((after.all - before.all) / requests / 1000);
  gateway.primaryUs.push((after.primary - before.primary) / requests / 1000);
  gateway.mainUs.push((after.main - before.main) / requests / 1000);
  gateway.perSecond.push(requests / seconds);
}

const median = (of: readonly number[]): number => of.toSorted((a, b) => a - b)[of.length >> 1]!;

try {
  const url = await startUpstream();
  const gateways: Gateway[] = [];
  for (const count of values.workers.split(',')) {
    gateways.push(await startGateway(Number(count), url));
    if (values.compare !== undefined)
      gateways.push(await startGateway(Number(count), url, values.compare));
  }
  for (const gateway of gateways) await round(gateway, 5);
  for (const { cpuUs, primaryUs, mainUs, perSecond } of gateways)
    for (const list of [cpuUs, primaryUs, mainUs, perSecond]) list.length = 0;
  for (let at = 0; at < Number(values.rounds); at += 1)
    for (const gateway of gateways) await round(gateway, 1);
  for (const { name, cpuUs, primaryUs, mainUs, perSecond } of gateways) {
    const parts = `${median(mainUs).toFixed(1)} main threads, ${median(primaryUs).toFixed(1)} primary`;
    const speed = `${Math.max(...perSecond).toFixed(0)} requests/s at most, ${median(perSecond).toFixed(0)} at the median`;
    console.log(
      `${name} workers: ${Math.min(...cpuUs).toFixed(1)} µs a request at least, ${median(cpuUs).toFixed(1)} at the median (${parts}); ${speed}`,
    );
  }
} finally {
  for (const child of children) child.kill('SIGTERM');
  await wait(2000);
  rmSync(folder, { recursive: true, force: true });
}
