/** The servers that are compared, each in a process of its own that writes its output to a file. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../support/gateway-process.ts';
import { nginxConfig } from './servers/nginx-config.ts';
import { litellmOptions } from './litellm.ts';
import { hasProgram } from './wrk.ts';

export type ServerName =
  | 'direct'
  | 'bare'
  | 'smallfirst'
  | 'compared'
  | 'portkey'
  | 'litellm'
  | `without ${string}`;

export interface BenchServer {
  readonly name: ServerName;
  readonly origin: string;
  readonly pid: number;
  /** Sent with every request, beside the content type. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Servers {
  readonly list: readonly BenchServer[];
  /** How many records the gateway's ledger holds now. */
  readonly recorded: () => number;
  readonly stop: () => Promise<void>;
}

const here = (path: string) => join(import.meta.dirname, path);
const ROOT = here('../..');
const PORTKEY = here('node_modules/@portkey-ai/gateway/build/start-server.js');
/** LiteLLM needs most of it. */
const READY_MS = 90_000;
const LEDGER = 'state.db';

export interface ServersOptions {
  /** `mock` streams and numbers its pieces; `constant` is nginx where it is installed, which takes the least processor time. */
  readonly upstream: 'mock' | 'constant';
  /** Another checkout of the gateway, started beside this one. */
  readonly compare?: string | undefined;
  /** Added to the configuration of both. */
  readonly config?: object;
  /** In place of the other gateways: this one with parts switched off, by what is added to its configuration. */
  readonly without?: Readonly<Record<string, object>>;
  /** Of a virtual environment that has LiteLLM's proxy (`litellm.ts`). */
  readonly litellm?: string | undefined;
  /** Words before the commands of the servers under test and of the upstream, such as `taskset -c 0`. */
  readonly ours?: readonly string[];
  readonly others?: readonly string[];
}

export interface Start {
  readonly name: ServerName;
  /** The program and its arguments, after Node's own where it is one of Node's. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly port: number;
  readonly ready: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function startServers(options: ServersOptions): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-bench-'));
  const children: ChildProcess[] = [];
  const { ours = [], others = [], compare } = options;
  const start = async (one: Start, pinning = ours): Promise<BenchServer> => {
    const child = launch(one, pinning, folder);
    children.push(child);
    const origin = `http://127.0.0.1:${one.port}`;
    await ready(origin + one.ready, join(folder, `${one.name}.log`), child).catch(
      async (error: unknown) => {
        await Promise.all(children.map(ended));
        throw error;
      },
    );
    return { name: one.name, origin, pid: child.pid ?? 0, headers: one.headers ?? {} };
  };
  const mock = await start(await upstreamOptions(options.upstream, folder), others);
  const bare = await start({
    name: 'bare',
    command: [process.execPath, here('servers/bare-proxy.ts')],
    env: { UPSTREAM: mock.origin },
    port: await freePort(),
    ready: '/v1/models',
  });
  const under = { folder, upstream: mock.origin, config: options.config };
  const list = [mock, bare, await start(await gatewayOptions('smallfirst', ROOT, under))];
  if (compare !== undefined)
    list.push(await start(await gatewayOptions('compared', compare, under)));
  for (const [part, config] of Object.entries(options.without ?? {}))
    list.push(await start(await gatewayOptions(`without ${part}`, ROOT, { ...under, config })));
  if (options.without === undefined)
    list.push(await start(portkeyOptions(await freePort(), mock.origin)));
  if (options.litellm !== undefined)
    list.push(await start(litellmOptions(options.litellm, { ...under, port: await freePort() })));
  return {
    list: options.upstream === 'mock' ? list : list.slice(1),
    recorded: () => countRecords(join(folder, `smallfirst-${LEDGER}`)),
    stop: async () => {
      await Promise.all(children.map(ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function upstreamOptions(kind: ServersOptions['upstream'], folder: string): Promise<Start> {
  const port = await freePort();
  const common = { name: 'direct', port, ready: '/v1/models' } as const;
  if (kind === 'mock' || !hasProgram('nginx')) {
    return { ...common, command: [process.execPath, here('servers/mock.ts')] };
  }
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig(port, folder));
  return {
    ...common,
    command: ['nginx', '-p', folder, '-c', config, '-e', join(folder, 'errors')],
  };
}

function portkeyOptions(port: number, upstream: string): Start {
  return {
    name: 'portkey',
    command: [process.execPath, PORTKEY, '--headless', `--port=${port}`],
    port,
    ready: '/',
    headers: {
      authorization: 'Bearer bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${upstream}/v1`,
    },
  };
}

export interface Under {
  readonly folder: string;
  readonly upstream: string;
  readonly config: object | undefined;
}

/** Everything on, as a user gets it: records, metrics, the SQLite ledger and the log. */
async function gatewayOptions(
  name: ServerName,
  checkout: string,
  { folder, upstream, config: more }: Under,
): Promise<Start> {
  const file = name.replaceAll(/\W/g, '-');
  const config = join(folder, `${file}.yaml`);
  const url = `${upstream}/v1`;
  const openai = { kind: 'openai', url };
  const apiKey = '${BENCH_CLOUD_KEY}';
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      auth: { mode: 'open' },
      upstreams: [
        { ...openai, name: 'local', locality: 'local', model: 'small-model' },
        { ...openai, name: 'cloud', locality: 'cloud', apiKey, model: 'gpt-4o' },
      ],
      store: { kind: 'sqlite', path: join(folder, `${file}-${LEDGER}`) },
      ...more,
    }),
  );
  const port = await freePort();
  return {
    name,
    command: [process.execPath, ...npmStart(checkout), '--config', config],
    env: { SMALLFIRST_PORT: String(port), BENCH_CLOUD_KEY: 'bench' },
    port,
    ready: '/readyz',
  };
}

/** What `npm start` gives Node, built as it builds, so that what is measured is what users run. */
export function npmStart(checkout: string): readonly string[] {
  const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(checkout, 'package.json'), 'utf8'),
  );
  const argumentsOf = (script: string): readonly string[] =>
    (scripts[script] ?? '').split(' ').slice(1);
  const before = argumentsOf('prestart');
  if (before.length > 0) execFileSync(process.execPath, before, { cwd: checkout });
  return argumentsOf('start').map((word) => (/[/.]/.test(word) ? join(checkout, word) : word));
}

function countRecords(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  const row = db.prepare('SELECT count(*) AS records FROM records').get();
  db.close();
  return Number(row?.['records']);
}

/** Of all servers, as the image, the unit and the package's program set it: large buffers go back to the system when they are freed. */
const MALLOC = { MALLOC_MMAP_THRESHOLD_: '32768' };

function launch(
  { name, command, env = {}, port }: Start,
  pinning: readonly string[],
  folder: string,
): ChildProcess {
  const log = openSync(join(folder, `${name}.log`), 'w');
  const [program = '', ...args] = [...pinning, ...command];
  return spawn(program, args, {
    env: { ...process.env, ...MALLOC, NODE_ENV: 'production', PORT: String(port), ...env },
    stdio: ['ignore', log, log],
  });
}

async function ready(url: string, log: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return;
    await wait(50);
  }
  throw new Error(`${url} was not ready:\n${readFileSync(log, 'utf8').slice(-4000)}`);
}

function ended(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null) return Promise.resolve();
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
  return exit.finally(() => clearTimeout(force));
}
