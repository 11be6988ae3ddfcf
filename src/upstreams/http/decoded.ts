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
import { Flow } from '../../lib/flow.ts';
import type { Exchange } from './exchange.ts';
import type { IncomingHeaders } from './sender.ts';

/** Made with the first bytes. */
type MakeDecoder = (first: Buffer) => Duplex;

const DECODERS = new Map<string, MakeDecoder>([
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
  const decoding = new Decoding(from, makers, upstream);
  const { 'content-encoding': _encoding, 'content-length': _length, ...headers } = from.headers;
  return {
    status: from.status,
    headers,
    body: decoding.body,
    gathered: () => undefined,
    answered: () => from.answered(),
    drain: () => decoding.drain(),
    destroy: () => decoding.destroy(),
  };
}

function encodingsOf(headers: IncomingHeaders): readonly string[] {
  const said = headers['content-encoding'];
  if (said === undefined) return [];
  const names = String(said).toLowerCase().split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
}

/** Its decoders are made once somebody wants what they give. */
class Decoding {
  readonly body: Flow<Buffer>;
  readonly #from: Exchange;
  readonly #makers: readonly MakeDecoder[];
  readonly #upstream: string;
  #last: Duplex | undefined;
  #isBegun = false;

  constructor(from: Exchange, makers: readonly MakeDecoder[], upstream: string) {
    this.#from = from;
    this.#makers = makers;
    this.#upstream = upstream;
    this.body = new Flow<Buffer>({
      hold: () => this.#last?.pause(),
      release: () => this.#wanted(),
      cancel: () => this.destroy(),
    });
  }

  drain(): void {
    this.#close();
    this.#from.drain();
  }

  destroy(): void {
    this.#close();
    this.#from.destroy();
  }

  #close(): void {
    this.body.close();
    this.#last?.destroy();
  }

  #wanted(): void {
    if (this.#isBegun) return void this.#last?.resume();
    this.#isBegun = true;
    this.#from.body.first().then(this.#begun, this.#failed);
  }

  readonly #begun = (first: Buffer | undefined): void => {
    // A body without a byte is no compressed one either.
    if (first === undefined) return this.body.ended();
    const decoders = this.#makers.map((make) => make(first));
    const last = decoders.at(-1)!;
    this.#last = last;
    pipeline([Readable.from(chunksOf(this.#from)), ...decoders], (error) => {
      if (error) this.#failed(error);
    });
    // The pipeline looks after its last stream only until all is written.
    last.on('error', this.#failed);
    last.on('end', () => this.body.ended());
    last.on('data', (chunk: Buffer) => {
      this.body.push(chunk);
      if (!this.body.isWanted) last.pause();
    });
  };

  readonly #failed = (error: unknown): void => {
    const upstream = this.#upstream;
    this.body.ended(error instanceof UpstreamError ? error : undecodable(upstream, error));
    this.#from.destroy();
  };
}

async function* chunksOf({ body }: Exchange): AsyncGenerator<Buffer> {
  for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) yield chunk;
}

function undecodable(upstream: string, cause: unknown): UpstreamError {
  const isCut = cause instanceof Error && 'code' in cause && cause.code === 'Z_BUF_ERROR';
  const what = isCut ? 'ends too early' : 'cannot be decompressed';
  const message = `The compressed answer of '${upstream}' ${what}.`;
  return new UpstreamError(isCut ? 'interrupted' : 'bad_answer', message, { cause });
}
