/** Reads a request's body from the socket: bounded, decompressed, with errors that say what to do. */
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import { piecesOf } from '../../lib/pieces.ts';
import { otherTurn, type TurnBarrier } from '../../lib/turns.ts';
import type { BodyBytes } from '../admission/buffers.ts';
import { SlowUploads } from './slow-uploads.ts';
import { decompress, ENCODINGS } from './decompress.ts';
import { jsonScanner, scannedFrom, type JsonLimits } from './body-scan.ts';
import { wholeBodyOf } from '../whole/request.ts';

interface Reading {
  /** Limits of a JSON body, held while it arrives, after decompression. */
  readonly json?: JsonLimits | undefined;
  /** Counts its bytes towards `limits.maxBufferedBytes`. */
  readonly buffered?: Pick<BodyBytes, 'take'> | undefined;
  /** Bodies that end in one turn of the event loop go on together. */
  readonly turns?: TurnBarrier;
  /** Callers whose bodies unpack to much wait by turns. */
  readonly caller?: string;
}

/**
 * @throws GatewayError `caller_body_too_large` beyond `maxBytes`, counted after decompression too;
 * `caller_encoding` for an unsupported encoding or a body that is not validly encoded;
 * `caller_hung_up`; `caller_too_slow`; `gateway_overloaded` where it does not fit beside the bodies under way
 */
export function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
  { json, buffered = UNCOUNTED, turns, caller }: Reading = {},
): Promise<Buffer> {
  const announced = Number(incoming.headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  buffered.take(announced);
  const encoding = incoming.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const isPlain = encoding === 'identity' || encoding === '';
  const beyond = (bytes: number): void => buffered.take(bytes);
  const limits = { maxBytes, announced, beyond, turns };
  const scanned = isPlain ? json : undefined;
  const whole = wholeBodyOf(incoming);
  const body =
    whole === undefined ? collect(incoming, limits, scanned) : passed(whole, turns, scanned);
  if (isPlain) return body;
  return body.then((bytes) =>
    decodedBody(bytes, encoding, { maxBytes, json, buffered, caller, incoming }),
  );
}

/** @throws GatewayError `caller_hung_up` where nobody is left to be answered: what waited its turn need not be done */
export function requireReader({
  socket,
}: {
  /** A request that was not read from a connection has none. */
  readonly socket?: Pick<IncomingMessage['socket'], 'destroyed'>;
}): void {
  if (socket === undefined || !socket.destroyed) return;
  throw new GatewayError('caller_hung_up', 'The connection closed before the body was read.');
}

interface Decoding extends Pick<Reading, 'json'> {
  readonly maxBytes: number;
  readonly buffered: Pick<BodyBytes, 'take'>;
  readonly caller: string | undefined;
  readonly incoming: IncomingMessage;
}

async function decodedBody(
  body: Buffer,
  encoding: string,
  { maxBytes, json, buffered, caller, incoming }: Decoding,
): Promise<Buffer> {
  const grown = (more: number, all: number): void => {
    if (all > maxBytes) throw tooLarge(maxBytes);
    requireReader(incoming);
    buffered.take(more);
  };
  const decoded = await decode(body, { encoding, caller }, grown);
  if (json === undefined || decoded.length <= scannedFrom(json)) return decoded;
  const scan = jsonScanner(json);
  for (let at = 0; at < decoded.length; at += PIECE) {
    scan(decoded.subarray(at, at + PIECE));
    await otherTurn();
  }
  return decoded;
}

const UNCOUNTED: Pick<BodyBytes, 'take'> = { take: () => {} };
const uploads = new SlowUploads();

interface CollectLimits {
  readonly maxBytes: number;
  readonly announced: number;
  /** Called with the size of each chunk of a body whose length was not announced. */
  readonly beyond: (bytes: number) => void;
  readonly turns: TurnBarrier | undefined;
}

/** Bytes that are scanned in one turn of the event loop. */
const PIECE = 1_048_576;

/** Of a body that is there: it is no longer than what one read of the socket brings. */
function passed(
  body: Buffer,
  turns: TurnBarrier | undefined,
  json: JsonLimits | undefined,
): Promise<Buffer> {
  if (json !== undefined && body.length > scannedFrom(json)) jsonScanner(json)(body);
  if (turns === undefined) return Promise.resolve(body);
  return new Promise((resolve) => turns.pass(() => resolve(body)));
}

function collect(
  incoming: IncomingMessage,
  { maxBytes, announced, beyond, turns }: CollectLimits,
  json: JsonLimits | undefined,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stop = (error: unknown): void => {
      uploads.forget(upload);
      incoming.removeAllListeners('data');
      incoming.resume();
      reject(error);
    };
    const upload = uploads.watch(stop);
    const pieces = piecesOf(announced);
    let size = 0;
    let scanned = 0;
    let scan: ReturnType<typeof jsonScanner> | undefined;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      if (announced === 0) beyond(chunk.length);
      upload.bytes = size;
      pieces.add(chunk);
      if (json === undefined || size <= scannedFrom(json)) return;
      scan ??= jsonScanner(json);
      for (const piece of pieces.from(scanned)) scan(piece);
      scanned = size;
    };
    incoming.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        stop(error);
      }
    });
    incoming.on('end', () => {
      uploads.forget(upload);
      if (turns === undefined) resolve(pieces.whole());
      else turns.pass(() => resolve(pieces.whole()));
    });
    const lost = (): void => {
      uploads.forget(upload);
      reject(
        new GatewayError('caller_hung_up', 'The connection closed before the body was complete.'),
      );
    };
    incoming.on('error', lost);
    incoming.on('close', () => {
      if (!incoming.complete) lost();
    });
  });
}

async function decode(
  body: Buffer,
  { encoding, caller }: { readonly encoding: string; readonly caller: string | undefined },
  grown: (more: number, all: number) => void,
): Promise<Buffer> {
  const decoding = decompress(body, encoding, grown, caller);
  if (decoding === undefined) {
    throw new GatewayError(
      'caller_encoding',
      `Content-Encoding '${encoding.slice(0, 40)}' is not supported. Use ${ENCODINGS.join(', ')} or none.`,
    );
  }
  try {
    return await decoding;
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('caller_encoding', `The body is not valid ${encoding}.`, { cause });
  }
}

/** Whole MiB where there is one, else KiB. */
const sizeWords = (bytes: number): string =>
  bytes < MIB ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.floor(bytes / MIB)} MiB`;
const MIB = 1_048_576;

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError(
    'caller_body_too_large',
    `The request body is larger than ${sizeWords(maxBytes)}. Send less; what is for models is bounded by limits.maxBodyBytes.`,
  );
}
