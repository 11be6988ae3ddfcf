/** The whole gateway in this process, between two mock upstreams, all on loopback. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway, type RunningGateway } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { UpstreamKind } from '../../src/core/upstream-kind.ts';
import type { UsageRecord } from '../../src/core/record.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import type { Stores } from '../../src/stores/open.ts';
import { watchAnswers } from './described-answers.ts';
import { startMockUpstream, type MockOptions, type MockUpstream } from './mock-upstream.ts';

export interface Setup {
  readonly local?: MockOptions;
  readonly cloud?: MockOptions | 'none';
  /** Replaces the mock cloud's URL. */
  readonly cloudUrl?: string;
  /** YAML added to the local upstream's line. */
  readonly localMore?: string;
  /** YAML added to the cloud's line. */
  readonly cloudMore?: string;
  /** YAML below the upstreams. */
  readonly config?: string;
  /** YAML added to the server's line. */
  readonly server?: string;
  /** YAML added to each upstream's line. */
  readonly upstream?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Where records and policies are kept. Default: in memory. */
  readonly store?: 'memory' | 'sqlite';
  /** In place of the shipped kinds of upstream. */
  readonly kinds?: readonly UpstreamKind[];
  /** In place of that store; closed with the gateway. */
  readonly stores?: Stores;
  /** `store.features`. */
  readonly features?: boolean;
  /** A policy's YAML; default: everything under complexity 0.4 is small. */
  readonly policy?: string;
}

interface Init {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface WholeGateway {
  readonly gateway: RunningGateway;
  readonly local: MockUpstream;
  readonly cloud: MockUpstream;
  readonly folder: string;
  /** Lines for people, as on standard error. */
  readonly said: readonly string[];
  /** POSTs JSON to a path under the gateway's base URL. */
  post(path: string, body: unknown, init?: Init): Promise<Response>;
  chat(content: string, more?: Record<string, unknown>, init?: Init): Promise<Response>;
  /** The record of an answer, available as soon as the answer is complete. */
  record(answer: Response): Promise<UsageRecord>;
  close(): Promise<void>;
}

export const simplePolicy = (more = ''): string => `
name: test
objective: { complexityBelow: 0.4 }
targets: { small: { upstream: local }, large: { upstream: cloud } }
${more}
`;

/** A task that every signal scores as hard, and an easy one. */
export const HARD =
  'Prove by induction, step by step, that every integer n > 1 has a unique prime factorisation, derive the asymptotic density of primes, and give the algorithm and its complexity.';
export const EASY = 'Hello, thanks for your help!';

/** Without the deep judge, a thread of its own each time, unless a test asks for it. */
const judgeOf = ({ config = '' }: Setup): readonly string[] =>
  config.includes('judge:') ? [] : ['judge: { deep: off }'];

export async function startTestGateway(setup: Setup = {}): Promise<WholeGateway> {
  const local = await startMockUpstream({ name: 'local', models: ['slm'], ...setup.local });
  const cloud = await startMockUpstream({
    name: 'cloud',
    models: ['gpt-4o', 'gpt-4o-mini', 'text-embedding-3-small'],
    ...(setup.cloud === 'none' ? {} : setup.cloud),
  });
  const folder = await mkdtemp(join(tmpdir(), 'smallfirst-'));
  const lines = upstreamLines(setup, local, cloud);
  await writeFile(join(folder, 'policy.yaml'), setup.policy ?? simplePolicy());
  await writeFile(
    join(folder, 'smallfirst.yaml'),
    [
      `server: { port: 0${setup.server ?? ''} }`,
      setup.store === 'sqlite'
        ? `store: { kind: sqlite, path: state.db, features: ${setup.features === true} }`
        : `store: { kind: memory, features: ${setup.features === true} }`,
      'log: { level: silent }',
      'policy: ./policy.yaml',
      ...judgeOf(setup),
      'upstreams:',
      ...lines,
      setup.config ?? '',
    ].join('\n'),
  );
  const { kinds = upstreamKinds, env = {} } = setup;
  const config = loadConfig({ file: join(folder, 'smallfirst.yaml'), env, kinds });
  const said: string[] = [];
  const gateway = await startGateway(config, {
    env,
    kinds,
    printLine: (line) => said.push(line),
    ...(setup.stores === undefined ? {} : { stores: setup.stores }),
  });
  const undescribed = watchAnswers(gateway);
  // Forgets the gateway's own requests at its start.
  local.clear();
  cloud.clear();
  const post: WholeGateway['post'] = (path, body, init = {}) =>
    fetch(gateway.url + path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
      headers: { 'content-type': 'application/json', ...init.headers },
    });
  return {
    gateway,
    local,
    cloud,
    folder,
    said,
    post,
    chat: (content, extra = {}, init = {}) =>
      post(
        '/v1/chat/completions',
        { model: 'auto', messages: [{ role: 'user', content }], ...extra },
        init,
      ),
    record: async (answer) => {
      const id = answer.headers.get('x-request-id');
      const found = await fetch(`${gateway.url}/admin/requests/${id}`);
      if (!found.ok) throw new Error(`no record of ${id}: ${await found.text()}`);
      return (await found.json()) as UsageRecord;
    },
    close: async () => {
      await gateway.close();
      await Promise.all([local.close(), cloud.close()]);
      await rm(folder, { recursive: true });
      const wrong = await undescribed();
      if (wrong.length > 0)
        throw new Error(`Answers that are not as /openapi.json says:\n${wrong.join('\n')}`);
    },
  };
}

function upstreamLines(setup: Setup, local: MockUpstream, cloud: MockUpstream): readonly string[] {
  const { upstream: more = '', localMore = '', cloudMore = '', cloudUrl = cloud.url } = setup;
  const lines = [
    `  - { name: local, kind: openai, locality: local, url: ${local.url}, model: slm${more}${localMore} }`,
    `  - { name: cloud, kind: openai, locality: cloud, url: ${cloudUrl}, model: gpt-4o${more}${cloudMore} }`,
  ];
  return setup.cloud === 'none' ? lines.slice(0, 1) : lines;
}
