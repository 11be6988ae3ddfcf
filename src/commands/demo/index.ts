/** `demo`: the gateway with scripted models and sample traffic. Needs no model and no account. */
import { defineCommand } from 'citty';
import { startGateway } from '../../app.ts';
import { loadConfig } from '../../config/load.ts';
import { GatewayError } from '../../core/errors.ts';
import { shippedPolicies } from '../../policy/shipped.ts';
import { exitOnError } from '../exit-on-error.ts';
import { portNumber } from '../parse-options.ts';
import { upstreamKinds } from '../../upstreams/index.ts';
import { runDemo } from './run.ts';

const printLine = (line: string): void => void process.stderr.write(`${line}\n`);

export const demoCommand = defineCommand({
  meta: {
    name: 'demo',
    description:
      'The gateway with two scripted models and sample support traffic (figures are not real)',
  },
  args: {
    port: { type: 'string', description: 'Port of the gateway (else SMALLFIRST_PORT, else 4100)' },
    policy: {
      type: 'string',
      description: 'A shipped policy or a file (default: customer-support)',
    },
    rate: { type: 'string', description: 'Conversations per second', default: '2' },
    rounds: {
      type: 'string',
      description: 'Rounds through the sample messages (default: until stopped)',
    },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const rounds = args.rounds === undefined ? undefined : positive('rounds', args.rounds);
      const stopping = new AbortController();
      const stop = (): void => stopping.abort(new Error('stopped'));
      process.once('SIGINT', stop).once('SIGTERM', stop);
      // No file and no API keys: the demo sends to loopback only.
      const config = loadConfig({
        kinds: upstreamKinds,
        env: {
          SMALLFIRST_HOST: '127.0.0.1',
          ...portOf(named(args.port) ?? process.env['SMALLFIRST_PORT']),
        },
      });
      await runDemo({
        // A log line per request would hide the demo's own lines.
        config: {
          ...config,
          policy: args.policy ?? defaultPolicy(),
          log: { ...config.log, level: 'warn' },
        },
        start: (staged, notice) =>
          startGateway(staged, { printLine, abort: stopping.signal, notice }),
        perSecond: positive('rate', args.rate),
        ...(rounds === undefined ? {} : { rounds }),
        random: Math.random,
        signal: stopping.signal,
        printLine,
      });
    }),
});

const portOf = (port: string | undefined): Readonly<Record<string, string>> =>
  port === undefined ? {} : { SMALLFIRST_PORT: port };

const named = (port: string | undefined): string | undefined =>
  port === undefined ? undefined : String(portNumber('port', port));

/** The policy for support traffic, if it is shipped. */
const defaultPolicy = (): string =>
  shippedPolicies().includes('customer-support') ? 'customer-support' : 'default';

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new GatewayError('caller_invalid', `--${name} is "${text}"; give a number above 0`);
}
