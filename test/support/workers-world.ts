/** A gateway of several workers before stand-ins for a local server and a paid cloud. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { journalsAt, journalsPrefix } from '../../src/stores/write-behind/row-journal.ts';
import { simplePolicy } from './gateway-fixture.ts';
import { startGateway, type GatewayProcess } from './gateway-process.ts';
import { startMockUpstream, type MockUpstream } from './mock-upstream.ts';
import { paidCloudYaml, startPaidCloud } from './paid-cloud.ts';
import { workersOf } from './processes.ts';

export const ADMIN_KEY = 'admin-key-of-the-tests-0001';
export const BOT_KEY = 'bot-key-of-the-tests-0001';

export interface WorkersWorld {
  readonly gateway: GatewayProcess;
  readonly local: MockUpstream;
  readonly cloud: MockUpstream;
  /** The process numbers of the workers that run now. */
  workers(): Promise<readonly number[]>;
  rows(sql: string): readonly Readonly<Record<string, unknown>>[];
  /** Folders of what workers had not written when they ended. */
  journals(): readonly string[];
  /** The value of a metric, over all series whose labels hold `labels`. */
  metric(name: string, labels?: string): Promise<number>;
  close(): Promise<void>;
}

/** @param more YAML after the list of upstreams; may be given their addresses */
export async function workersWorld(
  more: string | ((urls: { readonly local: string; readonly cloud: string }) => string) = '',
  workers = 2,
): Promise<WorkersWorld> {
  const cloud = await startPaidCloud();
  const local = await startMockUpstream({ name: 'local', models: ['slm'] });
  const folder = await mkdtemp(join(tmpdir(), 'workers-'));
  const config = join(folder, 'smallfirst.yaml');
  await writeFile(join(folder, 'policy.yaml'), simplePolicy());
  await writeFile(
    config,
    `policy: ./policy.yaml
judge: { deep: off }
log: { level: silent }
server: { workers: ${workers} }
store: { kind: sqlite, path: state.db }
limits: { drainMs: 20000, drainAcceptMs: 100 }
upstreams:
  - { name: local, kind: openai, locality: local, url: ${local.url}, model: slm }
${paidCloudYaml(cloud)}
${typeof more === 'string' ? more : more({ local: local.url, cloud: cloud.url })}`,
  );
  const gateway = await startGateway(config, { ADMIN_KEY, BOT_KEY });
  return {
    gateway,
    local,
    cloud,
    workers: async () => await workersOf(gateway.pid),
    rows: (sql) => {
      const db = new DatabaseSync(join(folder, 'state.db'), { readOnly: true });
      try {
        return db.prepare(sql).all();
      } finally {
        db.close();
      }
    },
    journals: () => journalsAt(journalsPrefix(join(folder, 'state.db'))),
    metric: async (name, labels = '') => {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      const lines = text.split('\n').filter((line) => /^[a-z_]+/.exec(line)?.[0] === name);
      const wanted = lines.filter((line) => line.includes(labels));
      return wanted.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
    close: async () => {
      await gateway.stop();
      await Promise.all([cloud.close(), local.close()]);
      await rm(folder, { recursive: true });
    },
  };
}

export interface Asked {
  readonly status: number;
  readonly text: string;
  /** As the ledger knows it. */
  readonly requestId: string;
}

/** Over a connection of its own, so that each request may reach another worker. @throws Error where it is refused or cut */
export async function askAnew(
  { url }: Pick<GatewayProcess, 'url'>,
  body: object,
  path = '/v1/chat/completions',
  more: Readonly<Record<string, string>> = {},
): Promise<Asked> {
  const text = JSON.stringify(body);
  return await new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...more,
    };
    const asked = request(`${url}${path}`, { method: 'POST', headers, agent: false }, (answer) => {
      let received = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        received += chunk;
      });
      const { statusCode: status = 0 } = answer;
      const requestId = String(answer.headers['x-request-id']);
      answer.once('end', () => resolve({ status, text: received, requestId }));
      answer.once('error', reject);
    });
    asked.once('error', reject).end(text);
  });
}

export const chat = (model: string, content = 'hi'): object => ({
  model,
  messages: [{ role: 'user', content }],
  max_tokens: 20,
});
