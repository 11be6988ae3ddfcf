/** Answers requests that Node cannot parse. Node's own answers have no body, so an SDK could not say what is wrong. */
import {
  maxHeaderSize,
  ServerResponse,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
} from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { ALLOWED_METHODS } from './entry-checks.ts';

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
export function answerUnreadable<Any extends Server | TlsServer>(server: Any): Any {
  server.on('clientError', refuseUnreadable);
  server.on('checkExpectation', refuseExpectation);
  server.on('connect', refuseTunnel);
  return server;
}

/** What Node says of it; where it could not be parsed, with the bytes that came last. */
type ClientError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

function refuseUnreadable(error: ClientError, socket: Duplex): void {
  if (!socket.writable || isAnswering(socket)) return void socket.destroy();
  const { status, message } = REFUSALS.get(error.code ?? '') ?? NO_REQUEST;
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close`;
  const said = mayBeHead(error, socket) ? '\r\n\r\n' : asJson(errorBody(message));
  socket.end(`${head}${said}`, () => socket.destroy());
}

/** An answer to HEAD has no body: a client that gets one cannot read the answer. Of a request that began in bytes before these nobody knows. */
function mayBeHead({ rawPacket }: ClientError, socket: Duplex): boolean {
  if (rawPacket === undefined) return false;
  const start = rawPacket.toString('latin1', 0, 16);
  if (/^[A-Z]+ /.test(start)) return start.startsWith('HEAD ');
  return Reflect.get(socket, 'bytesRead') !== rawPacket.length;
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

/** Node would close the connection without a word. What follows the head is not read: it is not for this server. */
function refuseTunnel({ socket }: IncomingMessage): void {
  const body = errorBody('This is no proxy: it opens no tunnels. Ask for a path of its own.');
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 405 ${STATUS_CODES[405]}\r\nAllow: ${ALLOWED_METHODS}\r\nConnection: close${asJson(body)}`,
    () => socket.destroy(),
  );
}

/** The rest of an answer after the lines of its head that all answers have. */
const asJson = (body: string): string =>
  `\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const errorBody = (message: string): string =>
  JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } });
