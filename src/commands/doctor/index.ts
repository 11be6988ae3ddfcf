/** `doctor`: looks at everything that a gateway needs, and says what to do where it is not well. Exit code 1 where something fails. */
import { homedir } from 'node:os';
import { defineCommand } from 'citty';
import { describeUpstreams } from '../../offline.ts';
import type { Upstream } from '../../core/upstream.ts';
import { downloads } from '../../models/downloads.ts';
import { modelStore, storeSettings } from '../../models/store.ts';
import { upstreamKinds } from '../../upstreams/index.ts';
import { commandConfig } from '../command-config.ts';
import { exitOnError } from '../exit-on-error.ts';
import { warn, type Check } from '../../core/check.ts';
import { checkLines } from './check.ts';
import { machineChecks } from './machine-checks.ts';
import { upstreamChecks } from '../../competence/upstream-checks.ts';
import { chatCall } from '../../http/chat-call.ts';

export const doctorCommand = defineCommand({
  meta: {
    name: 'doctor',
    description:
      'Checks upstreams, machine, meters, state and settings: ok, warn or fail, and what to do',
  },
  args: {
    config: { type: 'string', description: 'The configuration (smallfirst.yaml of this folder)' },
    json: { type: 'boolean', description: 'As JSON' },
  },
  run: async ({ args }) => {
    await exitOnError(async () => {
      const config = commandConfig(args.config);
      const show = (checks: readonly Check[]): void => {
        if (!args.json) process.stdout.write(`${checkLines(checks)}\n`);
      };
      const checks = [...(await machineChecks(config))];
      show(checks);
      const upstreams = await describeUpstreams(config, { env: process.env, kinds: upstreamKinds });
      for (const upstream of upstreams) {
        const found =
          (await notHere(upstream)) ?? (await upstreamChecks({ upstream, toCall: chatCall }));
        show(found);
        checks.push(...found);
        await upstream.close();
      }
      if (args.json) process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`);
      if (checks.some(({ verdict }) => verdict === 'fail')) process.exitCode = 1;
    });
    // A model in this process would keep it.
    process.exit();
  },
});

/** A model in this process that would have to be fetched first; a file of one's own is there or not. */
async function notHere({ kind, name, facts }: Upstream): Promise<readonly Check[] | undefined> {
  const { model } = facts();
  const known = downloads.some((one) => one.name === model);
  if (kind !== 'llama-cpp' || !known) return undefined;
  const store = modelStore(storeSettings(process.env, homedir()));
  if ((await store.cached(model)) !== undefined) return undefined;
  const what = `${model} is fetched at the first start; \`smallfirst models pull ${model}\` does it now`;
  return [warn(`upstream ${name}`, what)];
}
