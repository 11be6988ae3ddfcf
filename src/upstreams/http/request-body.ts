/** The body of a request to an upstream, whole or in pieces that are not copied into one. */
import { Readable } from 'node:stream';

export type RequestBody = Buffer | readonly Buffer[] | null;

/** As a connection takes it. */
export const streamedBody = (body: RequestBody): Buffer | Readable | null =>
  isInPieces(body) ? Readable.from(body, { objectMode: false }) : body;

/** With that of a body in pieces, which would be sent without its length. */
export const withLength = (headers: string[], body: RequestBody): string[] =>
  isInPieces(body)
    ? [...headers, 'content-length', String(body.reduce((sum, { length }) => sum + length, 0))]
    : headers;

/** `Array.isArray` does not take a readonly list out of the union. */
const isInPieces = (body: RequestBody): body is readonly Buffer[] => Array.isArray(body);
