/** Formats keys as text; of a secret there is nothing to show. */
import type { ShownKey } from '../../core/keys.ts';
import { aligned, when } from '../format-table.ts';

/** A line a key. */
export function keyTable(keys: readonly ShownKey[]): string {
  if (keys.length === 0) return 'There is no key yet. `smallfirst keys create NAME` makes one.';
  const head = ['name', 'role', 'team', 'state', 'from', 'created', 'expires'];
  const rows = keys.map(({ name, role, team = '', state, from, created, expiresMs }) => [
    name,
    role,
    team,
    state,
    from,
    created === undefined ? '' : when(created.atMs),
    expiresMs === undefined ? '' : when(expiresMs),
  ]);
  return aligned([head, ...rows]);
}

/** A line a member; what is not limited is left out. */
export function keyLines(key: ShownKey): string {
  const { created, expiresMs, revokedMs, previousUntilMs, ...rest } = key;
  const times = { expires: expiresMs, revoked: revokedMs, 'old secret until': previousUntilMs };
  const lines = [
    ...Object.entries(rest).map(([name, value]) => [name, valueText(value)]),
    ...(created === undefined ? [] : [['created', `${when(created.atMs)} by ${created.by}`]]),
    ...Object.entries(times).map(([name, ms]) => [name, ms === undefined ? '' : when(ms)]),
  ];
  return aligned(lines.filter(([, text]) => text !== ''));
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, each]) => `${name}=${each}`)
    .join(', ');
}
