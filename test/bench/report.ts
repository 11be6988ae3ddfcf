/** The figures of a run, and a table of them for people. */

export interface ServerFigures {
  readonly name: string;
  /** Medians of the rounds, except where the name says otherwise. */
  readonly perSecond: number;
  readonly perSecondLow: number;
  readonly perSecondHigh: number;
  /** Processor time of the server for a request, microseconds, all threads. */
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstP99Ms: number;
  readonly firstTokenMs: number;
  /** The largest seen at concurrency 32. */
  readonly rssMb: number;
  readonly errors: number;
}

export interface StreamFigures {
  readonly name: string;
  readonly streams: number;
  readonly seconds: number;
  readonly chunks: number;
  readonly damaged: number;
  readonly damages: readonly string[];
  readonly latenessP50Ms: number;
  readonly latenessP99Ms: number;
  readonly latenessMaxMs: number;
  /** Processor time of the server for a chunk, microseconds: its main thread, all its threads. */
  readonly mainUs: number;
  readonly allUs: number;
  readonly rssMb: number;
}

export interface MemorySlope {
  readonly name: string;
  readonly requests: number;
  readonly errors: number;
  /** How many records they left in the ledger. */
  readonly recorded: number;
  readonly startMb: number;
  readonly endMb: number;
  readonly highestMb: number;
  /** Over the second half of the requests. */
  readonly mbPer100k: number;
  readonly points: readonly (readonly [done: number, mb: number])[];
}

export interface ClockFigures {
  readonly compared: readonly ServerFigures[];
  readonly streams: readonly StreamFigures[];
  readonly memory: MemorySlope;
}

/** Markdown, so that it can be pasted into a page. */
export function table({ compared, streams, memory }: ClockFigures): string {
  const bare = compared.find(({ name }) => name === 'bare');
  const portkey = compared.find(({ name }) => name === 'portkey');
  const rows = compared.map((server) => [
    server.name,
    `${whole(server.perSecond)} (${whole(server.perSecondLow)}-${whole(server.perSecondHigh)})`,
    ratio(server.perSecond, bare?.perSecond),
    ratio(server.perSecond, portkey?.perSecond),
    whole(server.cpuUs),
    ms(server.p50Ms),
    ms(server.p50Ms - (bare?.p50Ms ?? Number.NaN)),
    `${ms(server.p99Ms)} (${ms(server.worstP99Ms)})`,
    ms(server.firstTokenMs),
    ms(server.firstTokenMs - (bare?.firstTokenMs ?? Number.NaN)),
    whole(server.rssMb),
    String(server.errors),
  ]);
  const streamRows = streams.map((server) => [
    server.name,
    String(server.chunks),
    server.damaged === 0 ? '0' : `${server.damaged}: ${server.damages.join('; ')}`,
    ms(server.latenessP50Ms),
    ms(server.latenessP99Ms),
    ms(server.latenessMaxMs),
    server.mainUs.toFixed(1),
    server.allUs.toFixed(1),
    whole(server.rssMb),
  ]);
  const [first] = streams;
  return [
    markdown(
      [
        'server',
        'requests/s at 32 (low-high)',
        'of bare',
        'of Portkey',
        'CPU µs a request',
        'p50 ms at 1',
        'over bare',
        'p99 ms (worst)',
        'first token ms',
        'over bare',
        'RSS MB',
        'errors',
      ],
      rows,
    ),
    '',
    `${first?.streams} streams, a token every 50 ms, ${first?.seconds} s:`,
    '',
    markdown(
      [
        'server',
        'chunks',
        'damaged streams',
        'late p50 ms',
        'p99',
        'max',
        'main µs a chunk',
        'all µs',
        'RSS MB',
      ],
      streamRows,
    ),
    '',
    `${memory.requests} requests through ${memory.name}: RSS ${whole(memory.startMb)} MB before, ${whole(memory.endMb)} after, ` +
      `${whole(memory.highestMb)} at most; slope over the second half ${memory.mbPer100k.toFixed(1)} MB per 100,000; errors ${memory.errors}; records in the ledger ${memory.recorded}.`,
  ].join('\n');
}

export function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

const whole = (value: number) => value.toFixed(0);
const ms = (value: number) => value.toFixed(2);
const ratio = (value: number, base: number | undefined) =>
  (value / (base ?? Number.NaN)).toFixed(2);
