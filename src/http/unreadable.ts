/** Answers what Node would refuse by itself: its answers have no body, of which an SDK can only say that there was none. */
import {
  maxHeaderSize,
  ServerResponse,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
} from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';

interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** By Node's code of the error. */
const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    {
      status: 431,
      message: `The URL and the headers have more than ${maxHeaderSize / 1024} KiB. Send less in them; the body may be larger.`,
    },
  ],
  [
    'HPE_CHUNK_EXTENSIONS_OVERFLOW',
    { status: 413, message: 'The extensions of the chunks are too long. Leave them out.' },
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    { status: 408, message: 'The request came too slowly. Send it faster, or in parts.' },
  ],
]);

const NO_REQUEST: Refusal = {
  status: 400,
  message:
    'This is no valid HTTP/1.1 request: its method, URL, a header or the framing of its body cannot be read.',
};

/** Before anything of it can be judged: it leaves no record. */
export function answerUnreadable(server: Server | TlsServer): void {
  server.on('clientError', refuseUnreadable);
  server.on('checkExpectation', refuseExpectation);
}

function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || isAnswering(socket)) return void socket.destroy();
  const { status, message } = REFUSALS.get(error.code ?? '') ?? NO_REQUEST;
  const body = errorBody(message);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ].join('\r\n');
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}

/** Whether an answer to a request before this one has begun on the connection: nothing may be put into it. Node's own handler asks the same. */
function isAnswering(socket: Duplex): boolean {
  const answer: unknown = Reflect.get(socket, '_httpMessage');
  return answer instanceof ServerResponse && answer.headersSent;
}

function refuseExpectation(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const body = errorBody("The only expectation that is met is 'Expect: 100-continue'.");
  outgoing.writeHead(417, { 'content-type': 'application/json', connection: 'close' }).end(body);
  incoming.resume();
}

const errorBody = (message: string): string =>
  JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } });
