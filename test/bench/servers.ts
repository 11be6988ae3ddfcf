/** The servers that are compared, each in a process of its own that writes its output to a file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../support/gateway-process.ts';

export type ServerName = 'direct' | 'bare' | 'smallfirst' | 'portkey';

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
const MAIN = here('../../src/main.ts');
const PORTKEY = here('node_modules/@portkey-ai/gateway/build/start-server.js');
const READY_MS = 30_000;
const LEDGER = 'state.db';

interface Start {
  readonly name: ServerName;
  readonly file: string;
  /** Node's own, before the file. */
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly port: number;
  readonly ready: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function startServers(): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-bench-'));
  const children: ChildProcess[] = [];
  const start = async (options: Start): Promise<BenchServer> => {
    const child = launch(options, folder);
    children.push(child);
    const origin = `http://127.0.0.1:${options.port}`;
    await ready(origin + options.ready, join(folder, `${options.name}.log`), child).catch(
      async (error: unknown) => {
        await Promise.all(children.map(ended));
        throw error;
      },
    );
    return { name: options.name, origin, pid: child.pid ?? 0, headers: options.headers ?? {} };
  };
  const mock = await start({
    name: 'direct',
    file: here('servers/mock.ts'),
    port: await freePort(),
    ready: '/v1/models',
  });
  const bare = await start({
    name: 'bare',
    file: here('servers/bare-proxy.ts'),
    env: { UPSTREAM: mock.origin },
    port: await freePort(),
    ready: '/v1/models',
  });
  const smallfirst = await start(await smallfirstOptions(mock.origin, folder));
  const port = await freePort();
  const portkey = await start({
    name: 'portkey',
    file: PORTKEY,
    args: ['--headless', `--port=${port}`],
    port,
    ready: '/',
    headers: {
      authorization: 'Bearer bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${mock.origin}/v1`,
    },
  });
  return {
    list: [mock, bare, smallfirst, portkey],
    recorded: () => countRecords(join(folder, LEDGER)),
    stop: async () => {
      await Promise.all(children.map(ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Everything on, as a user gets it: records, metrics, the SQLite ledger and the log. */
async function smallfirstOptions(upstream: string, folder: string): Promise<Start> {
  const config = join(folder, 'smallfirst.yaml');
  const url = `${upstream}/v1`;
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      auth: { mode: 'open' },
      upstreams: [
        { name: 'local', kind: 'openai', locality: 'local', url, model: 'small-model' },
        {
          name: 'cloud',
          kind: 'openai',
          locality: 'cloud',
          url,
          apiKey: '${BENCH_CLOUD_KEY}',
          model: 'gpt-4o',
        },
      ],
      store: { kind: 'sqlite', path: join(folder, LEDGER) },
    }),
  );
  const port = await freePort();
  return {
    name: 'smallfirst',
    file: MAIN,
    flags: startFlags(),
    args: ['serve', '--config', config],
    env: { SMALLFIRST_PORT: String(port), BENCH_CLOUD_KEY: 'bench' },
    port,
    ready: '/readyz',
  };
}

/** The flags that `npm start` gives Node, so that what is measured is what users run. */
function startFlags(): readonly string[] {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    readFileSync(here('../../package.json'), 'utf8'),
  );
  const [beforeMain = ''] = (scripts['start'] ?? '').split('src/main.ts');
  return beforeMain.split(' ').filter((word) => word.startsWith('--'));
}

function countRecords(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  const row = db.prepare('SELECT count(*) AS records FROM records').get();
  db.close();
  return Number(row?.['records']);
}

function launch(
  { name, file, flags = [], args = [], env = {}, port }: Start,
  folder: string,
): ChildProcess {
  const log = openSync(join(folder, `${name}.log`), 'w');
  return spawn(process.execPath, [...flags, file, ...args], {
    env: { ...process.env, NODE_ENV: 'production', PORT: String(port), ...env },
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
