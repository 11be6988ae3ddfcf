/** `health`: asks a gateway that runs on this machine whether it is well; for probes where there is no shell. */
import { get } from 'node:http';
import { get as getOverTls } from 'node:https';
import { defineCommand } from 'citty';
import { storeConfig } from './command-config.ts';
import { exitOnError } from './exit-on-error.ts';
import { wholeNumber } from './parse-options.ts';

export const healthCommand = defineCommand({
  meta: {
    name: 'health',
    description: 'Asks the running gateway whether it is alive: exit code 0, or 1 and the reason',
  },
  args: {
    ready: { type: 'boolean', description: 'Whether it can serve (/readyz, not /healthz)' },
    timeout: { type: 'string', default: '5', description: 'Seconds that it may take to answer' },
    config: { type: 'string', description: 'The configuration (smallfirst.yaml of this folder)' },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const timeoutMs = wholeNumber('timeout', args.timeout) * 1000;
      const { host, port, tls } = storeConfig(args.config).server;
      const url = `${tls === undefined ? 'http' : 'https'}://${reachable(host)}:${port}${args.ready ? '/readyz' : '/healthz'}`;
      process.stdout.write(`${await healthAt(url, timeoutMs)}\n`);
    }),
});

/** The address that a process of the same machine asks: one that means "every interface" is none. */
export function reachable(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (bare === '0.0.0.0') return '127.0.0.1';
  if (/^[0:]+$/.test(bare)) return '[::1]';
  return bare.includes(':') ? `[${bare}]` : bare;
}

/**
 * What the gateway said, on one line.
 * @throws Error that says why it is not well: no connection, no answer in time, or a status other than 200.
 */
export async function healthAt(url: string, timeoutMs: number): Promise<string> {
  const { status, body } = await ask(url, timeoutMs);
  if (status === 200) return `${url}: ${body}`;
  throw new Error(`${url} answers ${status}: ${body}`);
}

interface Said {
  readonly status: number;
  readonly body: string;
}

/** Without an agent: it would take the proxy of the environment, and the gateway is on this machine. */
function ask(url: string, timeoutMs: number): Promise<Said> {
  const { promise, resolve, reject } = Promise.withResolvers<Said>();
  const signal = AbortSignal.timeout(timeoutMs);
  const fail = (error: Error): void =>
    reject(new Error(`${url} ${signal.aborted ? late(timeoutMs) : failed(error)}`));
  // Its certificate is for the name that others know it by.
  const options = { agent: false, signal, rejectUnauthorized: false } as const;
  const send = url.startsWith('https:') ? getOverTls : get;
  const asked = send(url, options, (incoming) => {
    const status = incoming.statusCode ?? 0;
    let body = '';
    incoming.setEncoding('utf8').on('data', (text: string) => void (body += text));
    incoming.once('error', fail).once('end', () => resolve({ status, body: body.trim() }));
  });
  asked.once('error', fail);
  return promise;
}

const late = (timeoutMs: number): string => `did not answer within ${timeoutMs / 1000} s.`;
const failed = (error: Error): string =>
  `cannot be asked (${error.message}): the gateway is not running, or has another address in its configuration.`;
