/** Under `default`, which lets binary files go unread: what is text is read, whatever it is called and however a form writes it. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const MAIL = 'ben.ito@corp.jp';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({ policy: readFileSync('policies/default.yaml', 'utf8') });
  await whole.local.close();
});
afterAll(() => whole.close());
beforeEach(() => whole.cloud.clear());

/** `fetch` would write a media type of its own. */
function upload(type: string, body: string | Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(whole.gateway.url);
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const asked = request({ hostname, port, path: '/v1/files', method: 'POST', headers });
    asked.on('response', (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const form = (...parts: readonly string[]): string =>
  `${parts.map((part) => `--XX\r\n${part}\r\n`).join('')}--XX--\r\n`;
const FORM = 'multipart/form-data; boundary=XX';
const named = (head: string, body: string): string =>
  `Content-Disposition: form-data; ${head}\r\n\r\n${body}`;
const wide = Buffer.from(MAIL, 'utf16le').toString('latin1');

test.each([
  ['text that is called bytes', 'application/octet-stream', `note=${MAIL}`],
  ['text that is called a picture', 'image/png', `note=${MAIL}`],
  ['a drawing', 'image/svg+xml', `<svg><text>${MAIL}</text></svg>`],
  ['text that is called nothing', '', `note=${MAIL}`],
  ['a form without its boundary', 'multipart/form-data', form(named('name="a"', MAIL))],
  ['a file without an ending', FORM, form(named('name="file"; filename="notes"', MAIL))],
  ['a file of bytes that is text', FORM, form(named('name="file"; filename="a.bin"', MAIL))],
  ['a file in Base64', FORM, form(named('name="file"; filename="a.txt"\r\nContent-Transfer-Encoding: base64', Buffer.from(MAIL).toString('base64')))],
  ['a file in UTF-16', FORM, Buffer.from(form(named('name="file"; filename="a.txt"\r\nContent-Type: text/plain; charset=utf-16le', wide)), 'latin1')],
  ['a form in a form', FORM, form(named('name="file"\r\nContent-Type: multipart/mixed; boundary=YY', `--YY\r\n\r\n${MAIL}\r\n--YY--`))],
  ['a name in two parameters', FORM, form(named('name="file"; filename*0="ben.ito"; filename*1="@corp.jp"', 'x'))],
  ['a name in another encoding', FORM, form(named(`name="file"; filename*=UTF-8''ben.ito%40corp.jp`, 'x'))],
  ['two fields', FORM, form(named('name="a"', 'ben.ito'), named('name="b"', '@corp.jp'))],
  ['what stands before the parts', FORM, `${MAIL}\r\n${form(named('name="a"', 'x'))}`],
  ['what stands behind them', FORM, `${form(named('name="a"', 'x'))}${MAIL}`],
  ['a source that puts it together', FORM, form(named('name="file"; filename="a.py"', `m = 'ben.ito' + '@' + 'corp.jp'`))],
])('does not leave: %s', async (_, type, body) => {
  expect(await upload(type, body)).toBe(404);
  expect(whole.cloud.requests).toEqual([]);
}); // prettier-ignore

test.each([
  ['a picture', 'image/png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
  ['a harmless form', FORM, form(named('name="purpose"', 'user_data'), named('name="file"; filename="a.txt"', 'the quick brown fox'))],
])('leaves: %s', async (_, type, body) => {
  await upload(type, body);
  expect(whole.cloud.requests).toHaveLength(1);
}); // prettier-ignore
