import { expect, test } from 'vitest';
import { secret } from '../lib/secret.ts';
import { upstreamKinds as kinds } from '../upstreams/index.ts';
import { loadConfig } from './load.ts';
import { configOfWorker, oneProcessOnly } from './workers.ts';

test('each worker has its part of what holds for all together', () => {
  const config = loadConfig({ env: {}, cwd: '/', kinds });
  const { limits } = configOfWorker(config, { number: 2, count: 3 });
  expect(limits).toEqual({ ...config.limits, maxInFlight: 342 });
});

test('each worker has an outbox of its own, the first that of a gateway without workers', () => {
  const config = loadConfig({ env: {}, cwd: '/', kinds });
  const store = {
    kind: 'postgres',
    url: secret('postgres://db'),
    outbox: '/var/outbox.db',
  } as const;
  const outboxes = [1, 2].map(
    (number) => configOfWorker({ ...config, store }, { number, count: 2 }).store,
  );
  expect(outboxes).toEqual([store, { ...store, outbox: '/var/outbox-2.db' }]);
});

test('a model in this process, and a store in memory, are of one process', () => {
  const store = { kind: 'sqlite' };
  const upstreams = [{ kind: 'llama-cpp', name: 'own' }];
  expect(oneProcessOnly({ store, upstreams }, kinds)).toContain('upstream `own` is a model in');
  expect(oneProcessOnly({ store: { kind: 'memory' } }, kinds)).toContain('in one process');
  expect(
    oneProcessOnly({ store, upstreams: [{ kind: 'openai', name: 'a' }] }, kinds),
  ).toBeUndefined();
});
