/** The gateway as its users run it: a separate process with a configuration file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const LOOK_EVERY_MS = 50;
const GIVE_UP_MS = 120_000;
const KEPT_OUTPUT = 8_000;

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
 * @param command - the program and the arguments before `serve`; default: the sources.
 * @throws if it cannot be run, ends or is not ready in 30 s, with its output.
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
  const output = tail(child);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve).once('error', reject);
  });
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

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      // `address()` is a string only for pipes.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
