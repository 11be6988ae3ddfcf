/** Writes an answer of any kind. */
import type { ServerResponse } from 'node:http';
import type { Answer } from '../../core/upstream.ts';
import { sendBytes, type Headers } from './send.ts';
import { pumpBytes, type EventWriter } from './stream.ts';

/** Undefined where all of it was handed over at once. */
export function write(
  given: Answer,
  headers: Headers,
  outgoing: ServerResponse,
  writer: EventWriter | undefined,
): Promise<void> | undefined {
  switch (given.kind) {
    case 'whole':
      sendBytes(outgoing, given.bytes, headers);
      return undefined;
    case 'stream':
      return writer?.pump(given.events, headers);
    case 'raw':
      outgoing.writeHead(given.status, headers);
      return pumpBytes(outgoing, given.chunks);
  }
}
