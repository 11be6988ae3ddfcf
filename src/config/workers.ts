/** What the configuration means for several processes of one gateway. */
import type { UpstreamKind } from '../core/upstream-kind.ts';
import type { Config } from './config.ts';

interface Written {
  readonly store: { readonly kind: string };
  /** Undefined: they are found at the start. */
  readonly upstreams?: readonly { readonly kind: string; readonly name: string }[] | undefined;
}

/** Why only one process can serve; undefined where several can. */
export function oneProcessOnly(
  { store, upstreams = [] }: Written,
  kinds: readonly UpstreamKind[],
): string | undefined {
  if (store.kind === 'memory')
    return '`store.kind: memory` keeps everything in one process; write `sqlite` or `postgres`';
  const embedded = upstreams.find(
    (one) => kinds.find(({ kind }) => kind === one.kind)?.isInThisProcess === true,
  );
  if (embedded === undefined) return undefined;
  return `upstream \`${embedded.name}\` is a model in this process, and each worker would load its own; run a model server, such as Ollama or llama.cpp's, and write \`kind: openai\` with its \`url\``;
}

/** What one of several processes goes by: its part of the limits that hold for all, and an outbox of its own. */
export function configOfWorker(
  config: Config,
  { number, count }: { readonly number: number; readonly count: number },
): Config {
  const { limits, store } = config;
  const { maxBufferedBytes: bytes } = limits;
  return {
    ...config,
    limits: {
      ...limits,
      maxInFlight: Math.ceil(limits.maxInFlight / count),
      ...(bytes === undefined ? {} : { maxBufferedBytes: Math.ceil(bytes / count) }),
    },
    store:
      store.kind === 'postgres' && store.outbox !== undefined && number > 1
        ? { ...store, outbox: store.outbox.replace(/(\.\w+)?$/, `-${number}$1`) }
        : store,
  };
}
