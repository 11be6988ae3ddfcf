import { expect, test } from 'vitest';
import { secret } from '../lib/secret.ts';
import { upstreamKinds as kinds } from '../upstreams/index.ts';
import { loadConfig } from './load.ts';
import { configOfWorker } from './workers.ts';

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
