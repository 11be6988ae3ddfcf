/** The machine, its meters, the state, and settings that may cost or show more than is meant. */
import { availableParallelism, totalmem } from 'node:os';
import { meterLine, openMetering, redisHealth, stateHealth } from '../../offline.ts';
import type { Config } from '../../config/config.ts';
import { isLoopback } from '../../lib/loopback.ts';
import { upstreamKinds } from '../../upstreams/index.ts';
import { fail, ok, warn, type Check } from '../../core/check.ts';

const GIGABYTE = 1e9;
/** Less than this is too little for a model of 4 billion parameters beside the rest. */
const FEW_BYTES = 6 * 2 ** 30;

export async function machineChecks(config: Config): Promise<readonly Check[]> {
  const memory = `${(totalmem() / GIGABYTE).toFixed(0)} GB of memory, ${availableParallelism()} cores, Node ${process.versions.node}`;
  const machine =
    totalmem() < FEW_BYTES
      ? warn('machine', `${memory}: a small model here has 2 billion parameters at most`)
      : ok('machine', memory);
  const state = await stateHealth(config.store);
  return [
    machine,
    await meterCheck(config),
    { about: 'state', ...state },
    ...(await redisChecks(config)),
    ...settingChecks(config),
  ];
}

async function redisChecks({ shared: { redis } }: Config): Promise<readonly Check[]> {
  return redis === undefined ? [] : [{ about: 'redis', ...(await redisHealth(redis.reveal())) }];
}

async function meterCheck(config: Config): Promise<Check> {
  try {
    const metering = await openMetering(config, upstreamKinds);
    const words = meterLine(metering).replace(/^energy\s+/, '');
    metering.close();
    return words.startsWith('modelled')
      ? warn(
          'meters',
          `${words}; what else can be measured: src/meters/README.md in the repository`,
        )
      : ok('meters', words);
  } catch (error) {
    return fail('meters', error instanceof Error ? error.message : 'no meter can be opened');
  }
}

function settingChecks(config: Config): readonly Check[] {
  const { server, auth, budgets, upstreams } = config;
  const list = upstreams.kind === 'configured' ? upstreams.list : [];
  const clouds =
    upstreams.kind === 'configured'
      ? list.filter(({ locality }) => locality === 'cloud')
      : [upstreams.cloud].filter((one) => one !== undefined);
  const plain = clouds.filter(
    (one) =>
      'url' in one &&
      typeof one.url === 'string' &&
      one.url.startsWith('http:') &&
      !isLoopback(new URL(one.url).hostname),
  );
  const checks = [
    ...(server.cors.includes('*')
      ? [warn('settings', 'server.cors has *: any web page may ask; name the origins')]
      : []),
    ...(auth.mode === 'open' && !isLoopback(server.host)
      ? [fail('settings', `auth.mode open on ${server.host}: write auth: { mode: keys }`)]
      : []),
    ...plain.map(({ name }) =>
      warn('settings', `upstream ${name} is asked over http: texts and key can be read on the way`),
    ),
    ...(clouds.length > 0 && budgets.length === 0
      ? [
          warn(
            'settings',
            'nothing limits what the cloud may cost; `smallfirst budgets` sets a limit',
          ),
        ]
      : []),
    ...(clouds.length === 0
      ? [warn('settings', 'no cloud: hard requests are answered by the small model, and say so')]
      : []),
  ];
  return checks.length === 0 ? [ok('settings', 'nothing risky')] : checks;
}
