/** Answers that a server compressed, although it was asked not to. */
import { pipeline, Readable, type Duplex } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { UpstreamError } from '../../core/errors.ts';
import type { Exchange } from './exchange.ts';
import type { IncomingHeaders } from './sender.ts';

const DECODERS = new Map<string, (first: Buffer) => Duplex>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['deflate', (first) => (isZlib(first) ? createInflate() : createInflateRaw())],
  ['br', () => createBrotliDecompress()],
  ['zstd', () => createZstdDecompress()],
]);

/** `deflate` is zlib's format by the standard, and the bare one by habit: zlib's begins with method 8. */
const isZlib = (first: Buffer): boolean => ((first[0] ?? 0) & 0x0f) === 8;

/**
 * The same answer in plain bytes, each as soon as the server's bytes give it. Nothing is decoded ahead of its
 * reader but the chunk at hand, so that the reader's limits on sizes hold for what was compressed too.
 * @throws UpstreamError `bad_answer` when the encoding is not known.
 */
export function decoded(from: Exchange, upstream: string): Exchange {
  const encodings = encodingsOf(from.headers);
  if (encodings.length === 0) return from;
  const makers = encodings.toReversed().map((name) => {
    const maker = DECODERS.get(name);
    if (maker !== undefined) return maker;
    from.destroy();
    const message = `'${upstream}' compresses its answers as '${name.slice(0, 40)}', which was not asked for and is not known here; switch that off there.`;
    throw new UpstreamError('bad_answer', message);
  });
  const reader = readerOf(from, makers);
  const { 'content-encoding': _encoding, 'content-length': _length, ...headers } = from.headers;
  return {
    status: from.status,
    headers,
    answered: () => from.answered(),
    gathered: () => undefined,
    read: async () => {
      try {
        return await reader.read();
      } catch (error) {
        from.destroy();
        throw error instanceof UpstreamError ? error : undecodable(upstream, error);
      }
    },
    drain: () => {
      reader.close();
      from.drain();
    },
    destroy: () => {
      reader.close();
      from.destroy();
    },
  };
}

function encodingsOf(headers: IncomingHeaders): readonly string[] {
  const names = String(headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
}

interface Reader {
  read(): Promise<Buffer | undefined>;
  close(): void;
}

function readerOf(from: Exchange, makers: readonly ((first: Buffer) => Duplex)[]): Reader {
  let last: Duplex | undefined;
  let chunks: AsyncIterator<Buffer> | undefined;
  return {
    read: async () => {
      if (chunks === undefined) {
        const first = await from.read();
        // A body without a byte is no compressed one either.
        if (first === undefined) return undefined;
        const decoders = makers.map((make) => make(first));
        last = decoders.at(-1);
        // A failure of any of them reaches whoever reads the last.
        pipeline([Readable.from(chunksOf(first, from)), ...decoders], () => {});
        chunks = last?.[Symbol.asyncIterator]();
      }
      const step = await chunks?.next();
      return step === undefined || step.done === true ? undefined : step.value;
    },
    close: () => last?.destroy(),
  };
}

async function* chunksOf(first: Buffer, from: Exchange): AsyncGenerator<Buffer> {
  yield first;
  for (let chunk = await from.read(); chunk !== undefined; chunk = await from.read()) yield chunk;
}

function undecodable(upstream: string, cause: unknown): UpstreamError {
  const isCut = cause instanceof Error && 'code' in cause && cause.code === 'Z_BUF_ERROR';
  const what = isCut ? 'ends too early' : 'cannot be decompressed';
  const message = `The compressed answer of '${upstream}' ${what}.`;
  return new UpstreamError(isCut ? 'interrupted' : 'bad_answer', message, { cause });
}
