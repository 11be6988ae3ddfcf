/** Reads records from a file: one JSON a line, either a record or a page of `GET /admin/requests`. */
import { createReadStream } from 'node:fs';
import { isObject } from '../lib/json.ts';
import type { UsageRecord } from '../core/record.ts';

/** Bytes per read: about a hundred records, which are collected before they are promoted to the old generation. */
const CHUNK = 1 << 18;

export interface RecordBatch {
  readonly records: readonly UsageRecord[];
  /** Numbers of the lines that are not records. */
  readonly badLines: readonly number[];
}

/** `-` is standard input. Rejects when the file cannot be read. */
export async function* readRecords(file: string): AsyncGenerator<RecordBatch> {
  let at = 0;
  for await (const lines of chunksOfLines(file)) {
    const records: UsageRecord[] = [];
    const badLines: number[] = [];
    for (const line of lines) {
      at += 1;
      if (line !== '' && !readLine(line, records)) badLines.push(at);
    }
    yield { records, badLines };
  }
}

async function* chunksOfLines(file: string): AsyncGenerator<readonly string[]> {
  const input = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK });
  let rest = EMPTY;
  for await (const chunk of input) {
    const bytes = Buffer.concat([rest, Buffer.from(chunk)]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    rest = bytes.subarray(end);
    if (end > 0) yield bytes.toString('utf8', 0, end - 1).split('\n');
  }
  yield [rest.toString('utf8')];
}

const EMPTY = Buffer.alloc(0);
const NEWLINE = 10;

/** False for a line that is neither a record nor a page of them. */
function readLine(line: string, into: UsageRecord[]): boolean {
  const value = parsed(line);
  if (isRecord(value)) {
    into.push(value);
    return true;
  }
  const page: unknown = isObject(value) ? value['records'] : undefined;
  if (!Array.isArray(page) || !page.every(isRecord)) return line.trim() === '';
  into.push(...page);
  return true;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Checks the members of the first version; later ones are checked where they are used. */
function isRecord(value: unknown): value is UsageRecord {
  return (
    isObject(value) &&
    typeof value['id'] === 'string' &&
    typeof value['atMs'] === 'number' &&
    isObject(value['facts']) &&
    isObject(value['readings']) &&
    Array.isArray(value['attempts'])
  );
}
