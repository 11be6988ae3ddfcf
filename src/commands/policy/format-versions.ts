/** Formats versions and the audit log as text. */
import type { AuditEvent, PolicyVersion } from '../../core/policy-store.ts';
import { aligned, when } from '../format-table.ts';

/** One line a version, newest first; the active one has a star. */
export function versionTable(
  versions: readonly PolicyVersion[],
  active: string | undefined,
): string {
  if (versions.length === 0) return 'No policy was ever active in this store.';
  const head = ['', 'version', 'name', 'saved', 'author', 'note'];
  const rows = versions.map(({ version, name, atMs, author, note }) => [
    version === active ? '*' : '',
    version,
    name,
    when(atMs),
    author,
    note,
  ]);
  return aligned([head, ...rows]);
}

export const auditTable = (events: readonly AuditEvent[]): string =>
  aligned([
    ['', 'when', 'who', 'event', 'detail'],
    ...events.map(({ seq, atMs, who, event, detail }) => [
      String(seq),
      when(atMs),
      who,
      event,
      detail,
    ]),
  ]);
