/** Records from a file: one JSON a line, as they come; also pages of `GET /admin/requests` as they were answered. */
import { createReadStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { isObject } from '../core/json.ts';
import type { UsageRecord } from '../core/record.ts';

/** Bytes read at once: a few hundred records. */
const CHUNK = 1 << 20;

export interface Batch {
  readonly records: readonly UsageRecord[];
  /** Numbers of the lines that are no records. */
  readonly badLines: readonly number[];
}

/** `-` is the standard input. Rejects when the file cannot be read. */
export async function* recordLines(file: string): AsyncGenerator<Batch> {
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
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of input) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
  yield [rest + decoder.end()];
}

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

/** What every record has had since the first version; what is younger is looked for where it is used. */
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
