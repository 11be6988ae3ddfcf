/** llama.cpp's own server as a child process, and the gateway between it and a mock cloud. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { isObject } from '../../../src/lib/json.ts';
import { startGateway } from '../../support/gateway-process.ts';
import { startMockUpstream, type MockUpstream } from '../../support/mock-upstream.ts';

export interface RealTarget {
  /** Of the gateway; ends in `/v1`. */
  readonly url: string;
  /** Of llama.cpp's server, without a path. */
  readonly serverUrl: string;
  readonly cloud: MockUpstream;
  readonly close: () => Promise<void>;
}

/** @param python - an interpreter with the packages of `requirements.txt`. */
export async function startRealTarget(python: string): Promise<RealTarget> {
  const server = await startServer(python);
  const cloud = await startMockUpstream({ name: 'cloud', models: ['gpt-4o'] });
  const folder = await mkdtemp(join(tmpdir(), 'smallfirst-real-'));
  const config = join(folder, 'smallfirst.yaml');
  const upstreams = [
    { name: 'local', kind: 'openai', locality: 'local', url: `${server.url}/v1`, model: 'smollm2' },
    { name: 'cloud', kind: 'openai', locality: 'cloud', url: cloud.url, model: 'gpt-4o' },
  ];
  await writeFile(
    config,
    stringify({
      upstreams,
      policy: 'default',
      store: { kind: 'sqlite', path: join(folder, 'state.db') },
    }),
  );
  const gateway = await startGateway(config);
  cloud.clear();
  return {
    url: `${gateway.url}/v1`,
    serverUrl: server.url,
    cloud,
    close: async () => {
      await gateway.stop();
      await Promise.all([cloud.close(), server.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface ModelServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function startServer(python: string): Promise<ModelServer> {
  const child = spawn(python, [join(import.meta.dirname, 'llama_cpp_server.py')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-4000)));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = await Promise.race([
    addressOf(child),
    ended.then(() => {
      throw new Error(`llama.cpp's server did not start:\n${log}`);
    }),
  ]);
  return {
    url,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** Its log goes to the same stream: the address is the only line of JSON. */
async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('The server has no output.');
  for await (const line of createInterface({ input: stdout })) {
    const said: unknown = line.startsWith('{') ? JSON.parse(line) : undefined;
    if (isObject(said) && typeof said['url'] === 'string') {
      stdout.resume();
      return said['url'].replace(/\/$/, '');
    }
  }
  throw new Error('The server ended without its address.');
}
