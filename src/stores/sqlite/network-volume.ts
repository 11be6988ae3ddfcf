/** Whether a file would lie on a network volume, where SQLite's log (WAL) and its locks do not hold what they promise. */
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** Linux's `f_type` (statfs(2)). FUSE is not among them: local disks use it too. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'SMB (CIFS)'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9p'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
]);

/**
 * The kind of network volume that holds the path, or would; undefined for a local disk, and where that cannot be told.
 * @param typeOf - of an existing folder, as statfs(2) has it
 */
function networkVolume(
  path: string,
  typeOf = (folder: string): number => statfsSync(folder).type,
): string | undefined {
  if (process.platform !== 'linux') return undefined;
  let folder = dirname(path);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  try {
    return NETWORK.get(typeOf(folder) >>> 0);
  } catch {
    return undefined;
  }
}

/** What is said of it; undefined where there is nothing to say. */
export function networkWarning(
  setting: string,
  path: string,
  typeOf?: (folder: string) => number,
): string | undefined {
  const kind = networkVolume(path, typeOf);
  if (kind === undefined) return undefined;
  return `${setting} is ${path}, on a network volume (${kind}): locks and power cuts there can damage a ledger. Name a local disk, or use \`store: { kind: postgres }\`.`;
}
