/** The proxy between the gateway and an upstream that is reached over HTTP. */
import type { BuildTools, UpstreamConfig } from '../core/upstream-kind.ts';
import { DIRECT } from './overrides.ts';
import { proxyFor, type Proxy } from './http/proxy.ts';

interface Proxied extends UpstreamConfig {
  readonly url: string;
  readonly proxy?: string;
}

/** As configured; else from the environment, except for local upstreams: those are reached directly. */
export function proxyOf(
  { name, locality, url, proxy: configured }: Proxied,
  { env = {}, say }: BuildTools,
): Proxy | undefined {
  if (configured === DIRECT || (configured === undefined && locality === 'local')) return undefined;
  const proxy =
    configured === undefined ? proxyFor(new URL(url), env) : configuredProxy(configured);
  if (proxy !== undefined)
    say?.(`'${name}' is reached through the proxy ${proxy.host} (${proxy.variable}).`);
  return proxy;
}

const configuredProxy = (url: string): Proxy => ({
  url,
  host: new URL(url).host,
  variable: '`proxy` of this upstream',
});
