/** `serve`: runs the gateway until it is stopped, in this process or in several. */
import { defineCommand } from 'citty';
import { earlyLedger } from '../../early.ts';
import { exitOnError } from '../exit-on-error.ts';
import { portNumber } from '../parse-options.ts';
import { heedSighups } from '../sighup.ts';
import { seatOf } from './seat.ts';

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
      const sighups = heedSighups();
      listenAt(args.host, args.port);
      const { config: named, workers } = args;
      const seat = seatOf(process.env);
      // The primary of several has no ledger.
      const early = seat === undefined && workers !== undefined ? undefined : earlyLedger();
      const { serve } = await import('./serve.ts');
      await serve({ named, workers, seat, early, sighups });
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
