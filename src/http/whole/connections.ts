/**
 * Connections whose requests come whole, each in a read of the socket or two: they are answered without Node's parser and streams,
 * which take more of the main thread than a bare answer does. The first request that is not as simple takes its connection to Node,
 * with all bytes that nobody answered, and there it stays.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Bag, type Bagged } from '../../lib/bag.ts';
import { HeaderLines } from './header-lines.ts';
import { HeadReader, type WholeHead } from './head.ts';
import { WholeRequest } from './request.ts';
import { WholeResponse, type AnswerStyle } from './response.ts';

/** As Node's, whose buffer it is: what a caller saw announced is kept open a second longer. */
const KEEP_OPEN_MORE_S = 1;
/** How long a body may be on its way that began in another read. After that it is a slow one, which Node reads. */
const BODY_S = 2;
const LOOK_EVERY_MS = 1000;

/**
 * Puts itself in front of a server's own handler of connections.
 * @param paths for which requests are taken, with POST
 */
export function answerWhole(server: Server, paths: ReadonlySet<string>): void {
  const [handle] = server.listeners('connection');
  if (handle === undefined) return;
  const connections = new Connections(server, {
    paths,
    toNode: (socket) => void Reflect.apply(handle, server, [socket]),
  });
  const { closeIdleConnections, closeAllConnections } = server;
  server.closeIdleConnections = () => {
    connections.closeIdle();
    closeIdleConnections.call(server);
  };
  server.closeAllConnections = () => {
    connections.closeAll();
    closeAllConnections.call(server);
  };
  server.removeAllListeners('connection').on('connection', (socket) => connections.open(socket));
}

interface Ways {
  readonly paths: ReadonlySet<string>;
  readonly toNode: (socket: Socket) => void;
}

class Connections implements AnswerStyle {
  readonly server: Server;
  readonly ways: Ways;
  readonly keepAlive: string;
  readonly lines = new HeaderLines();
  /** Looks so far, one a second. */
  now = 0;
  readonly #open = new Bag<Connection>();
  #looking: NodeJS.Timeout | undefined;
  #date = '';

  constructor(server: Server, ways: Ways) {
    this.server = server;
    this.ways = ways;
    const seconds = Math.floor(server.keepAliveTimeout / 1000);
    this.keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
  }

  open(socket: Socket): void {
    this.#looking ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    this.#open.add(new Connection(socket, this));
  }

  leave(connection: Connection): void {
    this.#open.delete(connection);
    if (this.#open.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
    this.#date = '';
  }

  readonly date = (): string => (this.#date ||= new Date().toUTCString());

  closeIdle(): void {
    for (const connection of this.#open.items()) connection.closeIfIdle();
  }

  closeAll(): void {
    for (const connection of this.#open.items()) connection.close();
  }

  #look(): void {
    this.now += 1;
    this.#date = '';
    for (const connection of this.#open.items()) connection.look();
  }
}

/** A request whose body is on its way. */
interface Begun {
  readonly head: WholeHead;
  readonly pieces: Buffer[];
  /** Of head and body. */
  bytes: number;
}

class Connection implements Bagged {
  bagAt = -1;
  readonly #socket: Socket;
  readonly #all: Connections;
  readonly #heads = new HeadReader();
  #response: WholeResponse | undefined;
  #begun: Begun | undefined;
  /** What came while a request was being answered. */
  #early: Buffer[] = [];
  /** Since when it waits for what it waits for. */
  #since: number;
  #hasServed = false;

  constructor(socket: Socket, all: Connections) {
    this.#socket = socket;
    this.#all = all;
    this.#since = all.now;
    socket.on('data', this.#take).on('end', this.#end).on('close', this.#closed);
    socket.on('drain', this.#drained).on('timeout', this.#destroy).on('error', this.#destroy);
  }

  /** Once a second. */
  look(): void {
    if (this.#response !== undefined) return;
    const seconds = this.#all.now - this.#since;
    const { server } = this.#all;
    if (this.#begun !== undefined) {
      if (seconds > BODY_S) this.#toNode(Buffer.concat(this.#begun.pieces));
    } else if (this.#hasServed) {
      if (seconds > server.keepAliveTimeout / 1000 + KEEP_OPEN_MORE_S) this.close();
    } else if (seconds > server.headersTimeout / 1000)
      server.emit('clientError', tooSlow(), this.#socket);
  }

  /** As Node, which counts no connection as idle that has not asked yet. */
  closeIfIdle(): void {
    const isIdle = this.#response === undefined && this.#begun === undefined;
    if (isIdle && this.#hasServed) this.close();
  }

  close(): void {
    this.#socket.destroy();
  }

  readonly #take = (bytes: Buffer): void => {
    if (this.#response !== undefined) {
      this.#early.push(bytes);
      this.#socket.pause();
    } else if (this.#begun !== undefined) this.#more(this.#begun, bytes);
    else this.#first(bytes);
  };

  #first(bytes: Buffer): void {
    const head = this.#heads.read(bytes);
    if (head === undefined || !this.#all.ways.paths.has(head.path)) return this.#toNode(bytes);
    const missing = head.bytes + head.bodyBytes - bytes.length;
    if (missing === 0) this.#serve(head, bytes.subarray(head.bytes));
    else if (missing < 0) this.#toNode(bytes);
    else {
      this.#begun = { head, pieces: [bytes], bytes: bytes.length };
      this.#since = this.#all.now;
    }
  }

  #more(begun: Begun, piece: Buffer): void {
    begun.pieces.push(piece);
    begun.bytes += piece.length;
    const { head, bytes, pieces } = begun;
    const wanted = head.bytes + head.bodyBytes;
    if (bytes < wanted) return;
    this.#begun = undefined;
    const all = Buffer.concat(pieces);
    if (bytes === wanted) this.#serve(head, all.subarray(head.bytes));
    else this.#toNode(all);
  }

  #serve(head: WholeHead, body: Buffer): void {
    const request = new WholeRequest(head, body, this.#socket);
    const response = new WholeResponse(request, this.#all, this.#over);
    this.#response = response;
    this.#hasServed = true;
    this.#all.server.emit(
      'request',
      // Both have every member that is used of them.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      request as unknown as IncomingMessage,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      response as unknown as ServerResponse & { req: IncomingMessage },
    );
  }

  /** An answer is on its way. */
  readonly #over = (): void => {
    const socket = this.#socket;
    const isLast = this.#response?.shouldKeepAlive === false;
    this.#response = undefined;
    if (isLast) return socket.destroySoon();
    this.#since = this.#all.now;
    // A slow reader's.
    if (socket.timeout !== undefined && socket.timeout > 0) socket.setTimeout(0);
    if (this.#early.length === 0) return;
    const early = Buffer.concat(this.#early);
    this.#early = [];
    socket.resume();
    this.#first(early);
  };

  /** The caller sends no more; Node ends its own side too. */
  readonly #end = (): void => {
    if (this.#begun === undefined) return void this.#socket.end();
    this.#toNode(Buffer.concat(this.#begun.pieces));
    this.#socket.emit('end');
  };

  readonly #drained = (): void => {
    this.#response?.emit('drain');
  };

  readonly #closed = (): void => {
    this.#all.leave(this);
    this.#response?.lost();
  };

  readonly #destroy = (): void => {
    this.#socket.destroy();
  };

  #toNode(bytes: Buffer): void {
    const socket = this.#socket;
    this.#begun = undefined;
    socket.off('data', this.#take).off('end', this.#end).off('close', this.#closed);
    socket.off('drain', this.#drained).off('timeout', this.#destroy).off('error', this.#destroy);
    this.#all.leave(this);
    this.#all.ways.toNode(socket);
    socket.emit('data', bytes);
  }
}

/** What Node calls a caller that sends no request. */
const tooSlow = (): NodeJS.ErrnoException =>
  Object.assign(new Error('No request came in time.'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
