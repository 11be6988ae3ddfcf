/** The proxy between the gateway and an upstream that is reached over HTTP. */
import type { BuildTools, UpstreamConfig } from '../core/upstream-kind.ts';
import { proxyFor, type Proxy } from './http/proxy.ts';

/** What is local is reached directly, whatever the environment says. */
export function proxyOf(
  { name, locality, url }: UpstreamConfig & { readonly url: string },
  { env = {}, say }: BuildTools,
): Proxy | undefined {
  if (locality === 'local') return undefined;
  const proxy = proxyFor(new URL(url), env);
  if (proxy !== undefined)
    say?.(`'${name}' is reached through the proxy ${proxy.host} (${proxy.variable}).`);
  return proxy;
}
