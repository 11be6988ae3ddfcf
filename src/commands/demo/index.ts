/** `demo`: something to look at, without a model, an account or a customer. */
import { defineCommand } from 'citty';
import { startGateway } from '../../app.ts';
import { loadConfig } from '../../config/load.ts';
import { GatewayError } from '../../core/errors.ts';
import { shippedPolicies } from '../../policy/shipped.ts';
import { exitOnError } from '../exit-on-error.ts';
import { upstreamKinds } from '../../upstreams/index.ts';
import { runDemo } from './run.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

export const demoCommand = defineCommand({
  meta: {
    name: 'demo',
    description:
      'The gateway between two scripted stand-ins, with sample support traffic (figures are staged)',
  },
  args: {
    port: { type: 'string', description: 'Port of the gateway (default 4100)' },
    policy: {
      type: 'string',
      description: 'A shipped policy or a file (default: customer-support)',
    },
    rate: { type: 'string', description: 'Conversations a second', default: '2' },
    rounds: { type: 'string', description: 'Times through the messages (default: until stopped)' },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const rounds = args.rounds === undefined ? undefined : positive('rounds', args.rounds);
      const stopping = new AbortController();
      const stop = (): void => stopping.abort(new Error('stopped'));
      process.once('SIGINT', stop).once('SIGTERM', stop);
      // No file and none of the caller's keys: the demonstration reaches loopback and nothing else.
      const config = loadConfig({
        kinds: upstreamKinds,
        env: {
          SMALLFIRST_HOST: '127.0.0.1',
          ...(args.port === undefined ? {} : { SMALLFIRST_PORT: args.port }),
        },
      });
      await runDemo({
        // A line a request would bury the demonstration's own.
        config: {
          ...config,
          policy: args.policy ?? defaultPolicy(),
          log: { ...config.log, level: 'warn' },
        },
        start: (staged, notice) => startGateway(staged, { say, abort: stopping.signal, notice }),
        perSecond: positive('rate', args.rate),
        ...(rounds === undefined ? {} : { rounds }),
        random: Math.random,
        signal: stopping.signal,
        say,
      });
    }),
});

/** The one made for such traffic, where it is shipped. */
const defaultPolicy = (): string =>
  shippedPolicies().includes('customer-support') ? 'customer-support' : 'default';

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new GatewayError('caller_invalid', `--${name} is "${text}"; give a number above 0`);
}
