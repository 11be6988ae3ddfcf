/** Bytes on a socket that hardly are HTTP. */
import { connect } from 'node:net';
import fc from 'fast-check';
import { startFuzzedGateway, type FuzzedGateway } from './fuzzed-gateway.ts';
import { damaged } from './values.ts';
import type { FuzzTarget } from './target.ts';

const BODY = '{"model":"cloud/gpt-4o","messages":[{"role":"user","content":"hi"}]}';

const line = fc.record({
  method: fc.constantFrom('POST', 'POST', 'GET', 'HEAD', 'PUT', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'post', 'QUERY', ''),
  target: fc.constantFrom('/v1/chat/completions', '/v1/responses', '/v1/files/file_1', '/v1/%2e%2e/admin', '/v1/..%5cx', '//v1//models', 'http://127.0.0.1/v1/models', '*', '/', '/v1/models/%E0%A4%A', '/v1/x?y=%', `/v1/${'a'.repeat(3000)}`, '/healthz', '/admin/requests', '\u00e9', ''),
  version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'ICY/1.0', ''),
}); // prettier-ignore

const field = fc.constantFrom(
  'Host: 127.0.0.1', 'Host: 127.0.0.1', 'Host: evil.example', 'Host:', 'Content-Type: application/json', 'Content-Type: application/json',
  `Content-Length: ${BODY.length}`, `Content-Length: ${BODY.length}`, 'Content-Length: 5', 'Content-Length: -1', 'Content-Length: 99999999999',
  'Content-Length: 0x10', 'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: identity', 'Transfer-Encoding : chunked',
  'Expect: 100-continue', 'Expect: 200-ok', 'Upgrade: h2c', 'Connection: upgrade', 'Connection: close', 'Connection: keep-alive, Host',
  'Content-Encoding: gzip', 'Content-Encoding: deflate', ' folded: x', 'No colon', ': no name', 'X\u0000: y', 'X: \u0001', 'Trailer: X-Later', `X-Long: ${'b'.repeat(9000)}`,
); // prettier-ignore

const chunked = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const body = fc.constantFrom(
  '',
  BODY,
  BODY,
  chunked,
  chunked,
  `FFFFFFFFF\r\n${BODY}`,
  'zz\r\n',
  `5;ext="${'e'.repeat(300)}"\r\nhello\r\n0\r\nX-Later: 1\r\n\r\n`,
);

const request = fc
  .record({ line, fields: fc.array(field, { maxLength: 7 }), body, end: fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r') })
  .map(({ line: { method, target, version }, fields, body: sent, end }) =>
    [`${method} ${target} ${version}`, ...fields, '', sent].join(end),
  ); // prettier-ignore

/** One to three requests behind each other, in one to four writes. */
const anyCase = fc.record({
  text: damaged(fc.array(request, { minLength: 1, maxLength: 3 }).map((all) => all.join(''))),
  cuts: fc.array(fc.nat(), { maxLength: 3 }),
});

/** Everything that comes back until the connection ends, which it does: our half is closed at once. */
function exchange(port: number, bytes: Buffer, cuts: readonly number[]): Promise<string> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('error', () => {});
    socket.once('close', () => resolve(Buffer.concat(parts).toString('latin1')));
    const places = [...cuts.map((at) => at % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
    let from = 0;
    for (const to of places) {
      socket.write(bytes.subarray(from, to));
      from = to;
    }
    socket.end();
  }); // prettier-ignore
}

/** Each answer in what came back; a body may hold no line that looks like one. */
function keepRules(gateway: FuzzedGateway, text: string): void {
  for (const one of text.split(/(?=HTTP\/1\.1 \d{3} )/)) {
    if (one === '') continue;
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(one)?.[1]);
    if (!(status >= 100)) throw new Error(`no HTTP: ${one.slice(0, 100)}`);
    const [head = '', said = ''] = one.split(/\r\n\r\n(.*)/s);
    const type = /^content-type: (.*)$/im.exec(head)?.[1]?.trim();
    // A cut or chunked body is not read here: what it says is looked at for bugs alone.
    const headers = type === undefined ? {} : { 'content-type': type };
    const isWhole = /^content-length: (\d+)/im.exec(head)?.[1] === String(said.length);
    gateway.keepsRules({ path: '/' }, { status, text: said, headers, isCut: !isWhole });
  }
}

export const rawHttp: FuzzTarget = {
  name: 'raw-http',
  run: async (running) => {
    const gateway = await startFuzzedGateway();
    let done = 0;
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ text, cuts }) => {
        keepRules(gateway, await exchange(gateway.whole.gateway.port, Buffer.from(text, 'latin1'), cuts));
        done += 1;
        if (done % 100 === 0) await gateway.ask({ path: '/v1/chat/completions', body: BODY });
      }),
      running,
    ); // prettier-ignore
    await gateway.close();
  },
};
