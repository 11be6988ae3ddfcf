/** A machine on which nothing of this project was ever run: the engine and the model have to be fetched, and only npm has them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, link, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './gateway-process.ts';

const MODEL = 'tinyllama-1.1b-chat';

export interface FreshMachine {
  /** Empty, but for a folder of the cache. */
  readonly folder: string;
  /**
   * Starts the gateway with this command, waits until it is ready, asks it something, stops it.
   * @throws with what it said, when it ends before it is ready
   */
  tryOut(command: string, args: readonly string[]): Promise<TriedOut>;
  remove(): Promise<void>;
}

interface TriedOut {
  readonly model: string | null;
  readonly text: string;
  /** On standard error. */
  readonly said: string;
  /** Milliseconds from the start until it was ready. */
  readonly readyMs: number;
  readonly exitCode: number | null;
}

export async function freshMachine(env: NodeJS.ProcessEnv): Promise<FreshMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'smallfirst-fresh-'));
  const cache = join(folder, 'cache');
  await mkdir(cache);
  await reuseModel(cache);
  const port = await freePort();
  const own: NodeJS.ProcessEnv = {
    ...env,
    SMALLFIRST_PORT: String(port),
    SMALLFIRST_CACHE: cache,
    // No model server of this machine, and no gigabytes from a hub: the model that npm has.
    SMALLFIRST_LOCAL_HOSTS: 'nobody.invalid',
    SMALLFIRST_MODEL_HUB: 'http://127.0.0.1:9',
    OPENAI_API_KEY: '',
  };
  return {
    folder,
    tryOut: (command, args) => tryOut(command, args, { folder, env: own, port }),
    // npx ends before what it has started, which may still write there.
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 20 }),
  };
}

interface Place {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly port: number;
}

async function tryOut(
  command: string,
  args: readonly string[],
  { folder, env, port }: Place,
): Promise<TriedOut> {
  const startedMs = performance.now();
  // In a group of its own: npx is the parent of a shell and of the gateway, and all of them are to be stopped.
  const child = spawn(command, args, {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (said += piece));
  const ended = once(child, 'exit');
  try {
    const url = `http://127.0.0.1:${port}`;
    while ((await fetch(`${url}/readyz`).catch(() => undefined))?.ok !== true) {
      if (child.exitCode !== null) throw new Error(`It ended:\n${said}`);
      await pause(50);
    }
    const readyMs = performance.now() - startedMs;
    const { model, text } = await ask(url);
    process.kill(-child.pid!, 'SIGTERM');
    const [exitCode]: readonly unknown[] = await ended;
    return { model, text, said, readyMs, exitCode: typeof exitCode === 'number' ? exitCode : null };
  } finally {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
  }
}

async function ask(url: string): Promise<Pick<TriedOut, 'model' | 'text'>> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'auto',
      max_tokens: 16,
      messages: [{ role: 'user', content: 'What is the capital of France?' }],
    }),
  });
  const body: { choices?: readonly { message: { content: string } }[] } = JSON.parse(
    await answer.text(),
  );
  const text = body.choices?.[0]?.message.content ?? '';
  return { model: answer.headers.get('x-smallfirst-model'), text };
}

/** From this user's cache where it is there: 320 MB that need not be fetched again. */
async function reuseModel(cache: string): Promise<void> {
  const file = `${MODEL}.gguf`;
  const own = process.env['SMALLFIRST_CACHE'] || join(homedir(), '.cache/smallfirst/models');
  const [from, to] = [join(own, file), join(cache, file)];
  await link(from, to).catch(() => copyFile(from, to).catch(() => undefined));
}
