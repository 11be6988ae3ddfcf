/** `runtime install`: the embedded engine, fetched before it is needed, or one for a graphics card. */
import { homedir } from 'node:os';
import { defineCommand } from 'citty';
import { ENGINE_KINDS, engineSettings, engineStore, type EngineKind } from '../models/engine.ts';
import { progressDisplay } from '../models/progress.ts';
import { exitOnError } from './exit-on-error.ts';

const install = defineCommand({
  meta: {
    name: 'install',
    description: 'Fetch the engine that runs models in this process, with npm, into the cache',
  },
  args: {
    gpu: {
      type: 'string',
      description: 'For a graphics card: cuda or vulkan; it is preferred from then on',
    },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const kind = kindOf(args.gpu);
      const stop = new AbortController();
      const interrupt = (): void => stop.abort(new Error('Stopped; nothing was kept.'));
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      const display = progressDisplay(process.stderr);
      try {
        const store = engineStore({ ...engineSettings(process.env, homedir()), own: false });
        const onProgress = display.update;
        const at = await store.install(kind, { onProgress, abort: stop.signal });
        display.stop();
        process.stdout.write(`The engine (${kind}) is at ${at}\n`);
      } finally {
        display.stop();
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      }
    }),
});

/** @throws Error that lists the kinds */
export function kindOf(gpu: string | undefined): EngineKind {
  if (gpu === undefined) return 'cpu';
  const kind = ENGINE_KINDS.find((each) => each === gpu && each !== 'cpu');
  if (kind !== undefined) return kind;
  throw new Error(`--gpu is "${gpu}"; write cuda or vulkan, or leave it out for the processor.`);
}

export const runtimeCommand = defineCommand({
  meta: { name: 'runtime', description: 'The engine that runs models in this process' },
  subCommands: { install },
});
