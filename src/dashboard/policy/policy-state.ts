/** The policy that is being written. It stays while other views are looked at, and when a session ends. */
import { signal } from '@preact/signals';

/** Undefined until a text was loaded or typed. */
export const written = signal<string | undefined>(undefined);

/** The newest version when the text was loaded: what is saved on top of a newer one is refused. */
export const begunAt = signal<string | undefined>(undefined);

export const versionPath = (version: string): string =>
  `/admin/policies/${encodeURIComponent(version)}`;

export const MODES = ['off', 'observe', 'shadow', 'canary', 'on'] as const;
export type ModeName = (typeof MODES)[number];

/** `share`: of conversations, for `shadow` and `canary`. */
export function withMode(text: string, mode: ModeName, share: number): string {
  const value = mode === 'shadow' || mode === 'canary' ? `{ ${mode}: ${share} }` : mode;
  const line = `mode: ${value}`;
  // The whole entry: a mapping may stand on the lines below it, indented.
  const entry = /^mode:.*(?:\n[ \t]+.*)*/m;
  if (entry.test(text)) return text.replace(entry, line);
  return text.replace(/^name:.*$/m, (name) => `${name}\n${line}`);
}
