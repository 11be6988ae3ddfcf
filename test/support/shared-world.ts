/** Gateways that share a Postgres, each with an outbox of its own, before one stand-in for a paid cloud. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMockUpstream } from './mock-upstream.ts';
import { startGateway, type GatewayProcess } from './gateway-process.ts';
import { simplePolicy } from './gateway-fixture.ts';
import { askedModels, paidCloudYaml, startPaidCloud } from './paid-cloud.ts';
import type { Row, TestPostgres } from './postgres.ts';

export const ADMIN_KEY = 'admin-key-of-the-tests-0001';

export interface SharedWorld {
  readonly url: string;
  /** The configuration's file of the n-th replica. */
  config(replica: number): string;
  start(replica: number): Promise<GatewayProcess>;
  readonly env: Readonly<Record<string, string>>;
  /** The model of every call that reached the cloud: each asks for one of its own. */
  asked(): readonly string[];
  rows(sql: string, ...values: readonly unknown[]): Promise<readonly Row[]>;
  /** What the rows of the book say. */
  spent(): Promise<number>;
  close(): Promise<void>;
}

interface WorldOptions {
  /** YAML. */
  readonly more?: string;
  /** YAML of the store, after its URL. */
  readonly store?: string;
  readonly chunkDelayMs?: number;
  /** The way of a replica to Postgres, in place of the direct one. */
  readonly portOf?: (replica: number) => number | undefined;
}

export async function sharedWorld(
  postgres: TestPostgres,
  { more = '', store = '', chunkDelayMs = 3, portOf = () => undefined }: WorldOptions = {},
): Promise<SharedWorld> {
  const cloud = await startPaidCloud(chunkDelayMs);
  const local = await startMockUpstream({ name: 'local', models: ['slm'] });
  const folder = await mkdtemp(join(tmpdir(), 'shared-world-'));
  const url = await postgres.database();
  const config = (replica: number): string => join(folder, String(replica), 'smallfirst.yaml');
  const made = new Set<number>();
  const make = async (replica: number): Promise<void> => {
    if (made.has(replica)) return;
    made.add(replica);
    const own = join(folder, String(replica));
    await mkdir(own);
    await writeFile(join(own, 'policy.yaml'), simplePolicy());
    await writeFile(
      config(replica),
      `policy: ./policy.yaml
judge: { deep: off }
log: { level: silent }
store: { kind: postgres, url: "\${DATABASE_URL}"${store} }
limits: { drainMs: 20000 }
upstreams:
  - { name: local, kind: openai, locality: local, url: ${local.url}, model: slm }
${paidCloudYaml(cloud)}
${more}`,
    );
  };
  const env = { DATABASE_URL: url, ADMIN_KEY };
  const rows: SharedWorld['rows'] = (sql, ...values) => postgres.rows(url, sql, values);
  return {
    url,
    config,
    env,
    start: async (replica) => {
      await make(replica);
      const own = new URL(url);
      own.port = String(portOf(replica) ?? own.port);
      return await startGateway(config(replica), { ...env, DATABASE_URL: own.href });
    },
    asked: () => askedModels(cloud),
    rows,
    spent: async () => {
      const [row] = await rows(
        'SELECT coalesce(sum(coalesce(used_nano_usd, reserved_nano_usd)), 0) AS nano FROM attempts',
      );
      return Number(row?.['nano']);
    },
    close: async () => {
      await Promise.all([cloud.close(), local.close()]);
      await rm(folder, { recursive: true });
    },
  };
}

/** Asks the cloud for a model of that number: every other one as a stream. Resolves to the status. */
export async function askPaid(
  { url }: Pick<GatewayProcess, 'url'>,
  at: number | string,
  more: { readonly key?: string; readonly signal?: AbortSignal; readonly n?: number } = {},
): Promise<number> {
  const { key, signal, n } = more;
  const done = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({
      model: `cloud/p-${at}`,
      messages: [{ role: 'user', content: 'hi' }],
      max_tokens: 20,
      stream: typeof at === 'number' && at % 2 === 0,
      ...(n === undefined ? {} : { n }),
    }),
    ...(signal === undefined ? {} : { signal }),
  });
  await done.text();
  return done.status;
}
