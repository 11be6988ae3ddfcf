/** Which proxy the environment names for an address: HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../../lib/loopback.ts';
import { own } from '../../lib/own.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Proxy {
  /** May hold a password: never printed. */
  readonly url: string;
  /** Host and port, for people. */
  readonly host: string;
  /** What names it: a variable of the environment, or the configuration. */
  readonly variable: string;
}

/** Lower case comes first, as in undici's own agent, which also takes the plain proxy for https where it is the only one. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  'http:': ['http_proxy', 'HTTP_PROXY'],
  'https:': ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'],
};

/**
 * The proxy for this address; undefined where the connection is direct: none is named, NO_PROXY has the
 * host, or only this machine reaches it.
 * @throws Error when the variable that counts names no proxy; the message does not hold its value.
 */
export function proxyFor(url: URL, env: Environment): Proxy | undefined {
  const variable = own(VARIABLES, url.protocol)?.find((name) => env[name]);
  if (variable === undefined || isLoopback(url.hostname) || isExempt(url, env)) return undefined;
  const written = (env[variable] ?? '').trim();
  const text = written.includes('://') ? written : `http://${written}`;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new Error(
      `${variable} (environment) names no proxy that can be used; write http://host:port, or add ${url.hostname} to NO_PROXY.`,
    );
  return { url: text, host: new URL(text).host, variable };
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * NO_PROXY: hosts, domains with all below them, addresses and ranges of addresses (`10.0.0.0/8`), each with or
 * without a port; `*` is everything.
 */
function isExempt(url: URL, env: Environment): boolean {
  const host = bare(url.hostname);
  const port = url.port || own(DEFAULT_PORTS, url.protocol);
  const entries = (env['no_proxy'] ?? env['NO_PROXY'] ?? '').toLowerCase().split(/[,\s]+/);
  return entries.some((entry) => {
    if (entry === '') return false;
    if (entry.includes('/')) return isInRange(host, entry);
    const [, name = entry, entryPort] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
    if (entryPort !== undefined && entryPort !== port) return false;
    return isNamed(host, bare(name));
  });
}

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1').replace(/(.)\.$/, '$1');

function isNamed(host: string, entry: string): boolean {
  if (entry === '*') return true;
  const domain = entry.replace(/^\*?\./, '');
  // `*.example.com` is what is below the domain; `example.com` and `.example.com` are the domain too.
  return (host === domain && !entry.startsWith('*')) || host.endsWith(`.${domain}`);
}

function isInRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const version = isIP(network);
  if (version === 0 || isIP(host) !== version || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(host, family);
}
