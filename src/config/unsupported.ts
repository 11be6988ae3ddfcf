/** Settings that this version does not support yet: reported by `check` and at the start, never ignored. */
import type { Config } from './config.ts';

/** One sentence each, with what to write instead. */
export function unsupportedParts({ store }: Config): readonly string[] {
  const parts: string[] = [];
  if (store.kind === 'postgres')
    parts.push('`store: { kind: postgres }` is not in this version yet; write `kind: sqlite`');
  return parts;
}

/** @throws Error with what to write instead: such a setting is refused, not ignored */
export function refuseUnsupported(config: Config): void {
  const [missing] = unsupportedParts(config);
  if (missing !== undefined) throw new Error(missing);
}
