/**
 * The server under test. By default the gateway in a process of its own, between two mock upstreams in this
 * process; with `SMALLFIRST_TEST_TARGET=mock` a mock alone, which shows that the suite itself is right; with
 * `SMALLFIRST_TEST_URL` a server that already runs and has mocks behind it. With `SMALLFIRST_TEST_VERIFY=escalate` the
 * gateway checks small answers, and replaces those that fail: clients must notice nothing.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  startMockUpstream,
  type MockRequest,
  type MockUpstream,
} from '../../support/mock-upstream.ts';
import { startGateway } from '../../support/gateway-process.ts';

export interface Target {
  /** Ends in `/v1`. */
  readonly url: string;
  readonly apiKey: string;
  /** A model name that existing programs use. */
  readonly model: string;
  /** Every POST that reached an upstream, in order; empty for a server that somebody else started. */
  readonly arrived: () => readonly MockRequest[];
  readonly close: () => Promise<void>;
}

const VERIFY = process.env['SMALLFIRST_TEST_VERIFY'];

/** Every small answer is replaced: without a competence card none can be judged. */
export const escalates = VERIFY === 'escalate';

/** The default policy, with checks of everything. */
const checking = (onFail: string): string =>
  stringify({
    name: 'checking',
    extends: 'default',
    verify: { onFail, onUndecided: 'escalate', maxShare: 1 },
  });

const EXTERNAL = process.env['SMALLFIRST_TEST_URL'];

/** The upstreams of the server under test are mocks in this process. */
export const seesUpstreams = EXTERNAL === undefined;
/** The server under test is a gateway, and owes more than it was given. */
export const isGateway = process.env['SMALLFIRST_TEST_TARGET'] !== 'mock';

export const CLOUD_MODELS = [
  'gpt-4o',
  'gpt-4o-mini',
  'gpt-3.5-turbo-instruct',
  'text-embedding-3-small',
  'org/model:7b',
  'omni-moderation-latest',
];

export interface TargetOptions {
  /** Paths that the upstreams do not have: `['/responses']`. */
  readonly without?: readonly string[];
  /** Paths that only the local upstream lacks, as most local servers do. */
  readonly localWithout?: readonly string[];
}

export async function startTarget(options: TargetOptions = {}): Promise<Target> {
  if (EXTERNAL !== undefined)
    return {
      url: EXTERNAL,
      apiKey: process.env['SMALLFIRST_TEST_KEY'] ?? 'none',
      model: process.env['SMALLFIRST_TEST_MODEL'] ?? 'gpt-4o',
      arrived: () => [],
      close: () => Promise.resolve(),
    };
  const { without = [], localWithout = [] } = options;
  const common = { headers: { 'x-request-id': 'req_mock' }, without };
  const cloud = await startMockUpstream({ ...common, name: 'cloud', models: CLOUD_MODELS });
  if (!isGateway) return mockTarget(cloud);
  const local = await startMockUpstream({
    ...common,
    name: 'local',
    models: ['small-model'],
    without: [...without, ...localWithout],
  });
  return gatewayTarget(local, cloud);
}

function mockTarget(mock: MockUpstream): Target {
  return {
    url: mock.url,
    apiKey: 'none',
    model: 'gpt-4o',
    arrived: () => mock.requests,
    close: mock.close,
  };
}

async function gatewayTarget(local: MockUpstream, cloud: MockUpstream): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'smallfirst-clients-'));
  const config = join(folder, 'smallfirst.yaml');
  await writeFile(config, stringify(configFor(local, cloud, folder)));
  if (VERIFY !== undefined) await writeFile(join(folder, 'policy.yaml'), checking(VERIFY));
  const gateway = await startGateway(config, { CLIENTS_CLOUD_KEY: 'test-key' });
  return {
    url: `${gateway.url}/v1`,
    apiKey: 'none',
    model: 'gpt-4o',
    arrived: () => inOrder([...local.requests, ...cloud.requests]),
    close: async () => {
      await gateway.stop();
      await Promise.all([local.close(), cloud.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const inOrder = (requests: readonly MockRequest[]): readonly MockRequest[] =>
  requests.filter(({ method }) => method === 'POST').toSorted((a, b) => a.arrivedMs - b.arrivedMs);

function configFor(local: MockUpstream, cloud: MockUpstream, folder: string): object {
  return {
    auth: { mode: 'open' },
    upstreams: [
      { name: 'local', kind: 'openai', locality: 'local', url: local.url, model: 'small-model' },
      {
        name: 'cloud',
        kind: 'openai',
        locality: 'cloud',
        url: cloud.url,
        apiKey: '${CLIENTS_CLOUD_KEY}',
        model: 'gpt-4o',
        models: CLOUD_MODELS,
      },
    ],
    policy: VERIFY === undefined ? 'default' : './policy.yaml',
    // which model answers must not depend on how fast this machine is
    judge: { deep: 'off' },
    // upstreams fail on purpose, one test after the other
    limits: { breakers: false },
    store: { kind: 'sqlite', path: join(folder, 'state.db') },
  };
}
