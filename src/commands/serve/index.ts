/** `serve`: runs the gateway until it is stopped, in this process or in several. */
import { defineCommand } from 'citty';
import { commandConfig } from '../command-config.ts';
import { exitOnError } from '../exit-on-error.ts';
import { onOrphaned } from '../on-orphaned.ts';
import { portNumber } from '../parse-options.ts';
import { seatOf } from './seat.ts';
import { workersOf } from './count.ts';

export const serveCommand = defineCommand({
  meta: { name: 'serve', description: 'The gateway (default command)' },
  args: {
    config: { type: 'string', description: 'The configuration (smallfirst.yaml of this folder)' },
    host: { type: 'string', description: 'Address (else SMALLFIRST_HOST, server.host, 127.0.0.1)' },
    port: { type: 'string', description: 'Port (else SMALLFIRST_PORT, server.port, 4100)' },
    workers: {
      type: 'string',
      description:
        'Processes that share the port: a number, or auto for one a core (server.workers, 1)',
    },
  },
  run: async ({ args }) => {
    await exitOnError(async () => {
      listenAt(args.host, args.port);
      await serve(args.config, args.workers);
    });
    // After a failed start nothing that was begun, such as the loading of a model, may keep the process.
    process.exit();
  },
});

/** As variables, which each process of the gateway inherits. @throws Error naming the option */
function listenAt(host: string | undefined, port: string | undefined): void {
  if (host !== undefined) process.env['SMALLFIRST_HOST'] = host;
  if (port !== undefined) process.env['SMALLFIRST_PORT'] = String(portNumber('port', port));
}

/** Each is loaded where it runs: the primary of several needs no gateway. */
async function serve(named: string | undefined, workers: string | undefined): Promise<void> {
  // A full volume or a closed pipe behind them must not end the process.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const seat = seatOf(process.env);
  if (seat !== undefined) {
    const { serveAsWorker } = await import('./worker.ts');
    return await serveAsWorker(named, seat);
  }
  onOrphaned(process.env, () => void process.kill(process.pid, 'SIGTERM'));
  const config = commandConfig(named);
  const count = workersOf(config, workers, (line) => void process.stderr.write(`${line}\n`));
  if (count === 1) {
    const { serveAlone } = await import('./alone.ts');
    return await serveAlone(config);
  }
  const { servePrimary } = await import('./primary.ts');
  await servePrimary(config, count);
}
