/** Rows that a stop could not write: kept beside the database, one as JSON a line, and taken in by the next start. */
import { readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { AttemptEnd } from '../../core/attempt-log.ts';
import type { UsageRecord } from '../../core/record.ts';
import { READABLE_BY_OWNER } from '../../lib/file-mode.ts';
import { makeFolder } from '../../lib/make-folder.ts';

export interface PendingRows {
  readonly records: readonly UsageRecord[];
  readonly ends: readonly AttemptEnd[];
}

/** How many there are, and what they cost: of the attempts, where there are both. */
export interface Spilled {
  readonly file: string;
  readonly rows: number;
  readonly nanoUsd: number;
}

/** `spill`: the folder for them, where the database's own may be full. */
export interface PendingPlace {
  readonly path: string;
  readonly spill?: string | undefined;
}

type Line = { readonly record: UsageRecord } | { readonly end: AttemptEnd };

/** @throws Error when that cannot be written either */
export function spillRows(place: PendingPlace, { records, ends }: PendingRows): Spilled {
  const file = freeName(place);
  const lines: readonly Line[] = [
    ...records.map((record) => ({ record })),
    ...ends.map((end) => ({ end })),
  ];
  makeFolder(dirname(file));
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(`${file}.part`, text, { mode: READABLE_BY_OWNER });
  renameSync(`${file}.part`, file);
  const nanoUsd = ends.reduce((sum, { usedNanoUsd }) => sum + usedNanoUsd, 0);
  return { file, rows: lines.length, nanoUsd };
}

/** What earlier stops left, and how to forget it when it is written. @throws Error for a file that cannot be read */
export function pendingRows(place: PendingPlace): PendingRows & { forget(): void } {
  const records: UsageRecord[] = [];
  const ends: AttemptEnd[] = [];
  const files = pendingFiles(place);
  for (const file of files) {
    for (const line of linesOf(file)) {
      if ('record' in line) records.push(line.record);
      else ends.push(line.end);
    }
  }
  return { records, ends, forget: () => files.forEach((file) => unlinkSync(file)) };
}

function linesOf(file: string): readonly Line[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return lines.map((line): Line => JSON.parse(line));
  } catch (cause) {
    throw new Error(
      `${file} has rows that a stop could not write, and cannot be read: mend it, or move it away.`,
      { cause },
    );
  }
}

const folderOf = ({ path, spill }: PendingPlace): string => spill ?? dirname(path);
const nameOf = ({ path }: PendingPlace): string => `${basename(path)}.pending`;

/** Several processes that share the database may stop at once. */
function freeName(place: PendingPlace): string {
  const taken = new Set(pendingFiles(place));
  const first = join(folderOf(place), nameOf(place));
  return taken.has(first) ? `${first}.${process.pid}` : first;
}

function pendingFiles(place: PendingPlace): readonly string[] {
  const folder = folderOf(place);
  const name = nameOf(place);
  try {
    return readdirSync(folder)
      .filter((file) => file === name || (file.startsWith(`${name}.`) && /\.\d+$/.test(file)))
      .map((file) => join(folder, file));
  } catch {
    return [];
  }
}
