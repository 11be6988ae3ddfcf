/** The gateway as its users run it: a separate process with a configuration file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isOlder } from '../../deploy/package/is-older.ts';

/** The program as it was built, which starts in half the time; its source where that is newer. */
export const MAIN = join(import.meta.dirname, '../..', isOlder() ? 'src/main.ts' : 'dist/main.js');
const LOOK_EVERY_MS = 50;
const GIVE_UP_MS = 120_000;
const KEPT_OUTPUT = 8_000;

const running = new Set<ChildProcess>();

export interface GatewayProcess {
  /** Without a path. */
  readonly url: string;
  readonly pid: number;
  /** The end of its output, both streams. */
  readonly output: () => string;
  /** Sends SIGTERM and waits for the exit. Resolves to the exit code, null if a signal ended it. */
  readonly stop: () => Promise<number | null>;
}

/**
 * Starts `serve` on a free port of loopback and waits until `/readyz` answers 200.
 * @param command - the program and the arguments before `serve`; default: `MAIN`.
 * @throws if it cannot be run, ends or is not ready in two minutes, with its output.
 */
export async function startGateway(
  configFile: string,
  env: Readonly<Record<string, string>> = {},
  [program, ...args]: readonly [string, ...string[]] = [process.execPath, MAIN],
): Promise<GatewayProcess> {
  const port = await freePort();
  const child = spawn(program, [...args, 'serve', '--config', configFile], {
    env: { ...process.env, SMALLFIRST_PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output = tail(child);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve).once('error', reject);
  });
  child.once('exit', () => running.delete(child));
  const url = `http://127.0.0.1:${port}`;
  await Promise.race([
    ready(url),
    ended.then((code) => {
      throw new Error(`The gateway ended with code ${code} before it was ready:\n${output()}`);
    }),
  ]).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`${String(error)}\n${output()}`, { cause: error });
  });
  return {
    url,
    pid: child.pid ?? 0,
    output,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Those that a test which failed has left: they would slow down all that come after it. */
export function killLeftOver(): void {
  for (const child of running) child.kill('SIGKILL');
}

function tail(child: ChildProcess): () => string {
  let kept = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      kept = (kept + text).slice(-KEPT_OUTPUT);
    });
  return () => kept;
}

async function ready(url: string): Promise<void> {
  const deadline = Date.now() + GIVE_UP_MS;
  while (Date.now() < deadline) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    if (response?.ok === true) return;
    await wait(LOOK_EVERY_MS);
  }
  throw new Error(`The gateway was not ready within ${GIVE_UP_MS} ms.`);
}

/** Below those that systems give to connections that go out: none of these takes a port between here and the server's start. */
const PORTS = [12_000, 29_000] as const;

/** A port of loopback that was free a moment ago, at random, so that two who ask at once get two. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...PORTS);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
