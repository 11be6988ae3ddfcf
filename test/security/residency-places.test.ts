/**
 * Rows R1 to R6 and R11: `privacy-first` with the local model down. Whatever the cloud's socket gets, it may hold nothing
 * that was planted, and nothing that nobody read.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const MAIL = 'ben.ito@corp.jp';
const CARD = '4111 1111 1111 1111';

let whole: WholeGateway;

beforeAll(async () => {
  whole = await startTestGateway({ policy: readFileSync('policies/privacy-first.yaml', 'utf8') });
  await whole.local.close();
});
afterAll(() => whole.close());
beforeEach(() => whole.cloud.clear());

interface Sent {
  readonly path: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Over a socket of our own: `fetch` would write the path and the headers anew. */
function send({ path, body, headers = {} }: Sent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(whole.gateway.url);
    const asked = request(
      {
        hostname,
        port,
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

const dataUrl = (type: string, text: string | Buffer): string =>
  `data:${type};base64,${Buffer.from(text).toString('base64')}`;
const PNG = Buffer.from('89504e470d0a1a0a0000000d494844520000000100000001', 'hex');
const PDF = Buffer.from('%PDF-1.7\n%\u00e2\u00e3\n1 0 obj');

const user = (content: unknown) => ({ role: 'user', content });
const chat = (more: object, messages: readonly unknown[] = [user('hello there')]): Sent => ({
  path: '/v1/chat/completions',
  body: JSON.stringify({ model: 'cloud/gpt-4o', messages, ...more }),
});
const part = (content: object): Sent => chat({}, [user([{ type: 'text', text: 'see' }, content])]);
const item = (...input: readonly object[]): Sent => ({
  path: '/v1/responses',
  body: JSON.stringify({ model: 'cloud/gpt-4o', input: [user('go on'), ...input] }),
});
const responses = (more: object): Sent => ({
  path: '/v1/responses',
  body: JSON.stringify({ model: 'cloud/gpt-4o', input: 'go on', ...more }),
});
const messages = (...content: readonly object[]): Sent => ({
  path: '/v1/messages',
  body: JSON.stringify({ model: 'cloud/gpt-4o', max_tokens: 9, messages: [user(content)] }),
});
const file = (file_data: string): Sent =>
  part({ type: 'file', file: { filename: 'x', file_data } });

const unread: readonly (readonly [string, Sent, string])[] = [
  ['a picture', part({ type: 'image_url', image_url: { url: dataUrl('image/png', PNG) } }), 'image'],
  ['a picture elsewhere', part({ type: 'image_url', image_url: { url: 'https://a.acme.io/x.png' } }), 'image'],
  ['sound', part({ type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } }), 'audio'],
  ['a video', part({ type: 'video_url', video_url: { url: 'https://a.acme.io/x.mp4' } }), 'video'],
  ['a PDF', file(dataUrl('application/pdf', PDF)), 'file'],
  ['a PDF that is called text', file(dataUrl('text/plain', PDF)), 'file'],
  ['a file of the cloud', part({ type: 'file', file: { file_id: 'file_1' } }), 'remote_state'],
  ['a part of another shape', part({ type: 'hologram', source: { beam: 'x' } }), 'foreign_part'],
  ['a picture in metadata', chat({ metadata: { shot: dataUrl('image/png', PNG) } }), 'image'],
  ['a spoken answer', chat({}, [user('hi'), { role: 'assistant', audio: { id: 'audio_1' } }, user('and?')]), 'remote_state'],
  ['an infinite number', { ...chat({}), body: '{"model":"cloud/gpt-4o","x":1e999,"messages":[{"role":"user","content":"hello there"}]}' }, 'unknown_number'],
  ['token numbers', { path: '/v1/embeddings', body: '{"model":"cloud/text-embedding-3-small","input":[[2000,14,901,77]]}' }, 'token_ids'],
  ['a conversation', responses({ conversation: { id: 'conv_9' } }), 'remote_state'],
  ['an unknown response', responses({ previous_response_id: 'resp_of_elsewhere' }), 'remote_state'],
  ['a stored prompt', responses({ prompt: { id: 'pmpt_1' } }), 'remote_state'],
  ['files to search', responses({ tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] }), 'remote_state'],
  ['a container', item({ type: 'code_interpreter_call', id: 'c', container_id: 'cntr_1', outputs: [] }), 'remote_state'],
  ['sealed reasoning', item({ type: 'reasoning', summary: [], encrypted_content: 'gAAAA' }), 'remote_state'],
  ['a screenshot', item({ type: 'computer_call_output', call_id: 'c', output: { type: 'computer_screenshot', image_url: 'https://a.acme.io/x' } }), 'image'],
  ['an item of next year', item({ type: 'dream_report', text: 'x' }), 'foreign_part'],
  ['a document by address', messages({ type: 'document', source: { type: 'url', url: 'https://a.acme.io/x' } }), 'file'],
  ['a PDF for /v1/messages', messages({ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF.toString('base64').repeat(8) } }), 'file'],
]; // prettier-ignore

describe('what nobody read does not leave, and the refusal names it', () => {
  test.each(unread)('%s', async (_, sent, kind) => {
    const { status, text } = await send(sent);
    expect(whole.cloud.requests).toEqual([]);
    expect([403, 400, 404]).toContain(status);
    expect(text).toContain(kind);
  });
});

const boundary = '----xYz';
const upload = (head: string, body: string | Buffer): Sent => ({
  path: '/v1/audio/transcriptions',
  headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  body: Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
    Buffer.from(body),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]),
});

const planted: readonly (readonly [string, Sent])[] = [
  ['a Markdown file', file(dataUrl('text/markdown', `# Notes\nwrite to ${MAIL}`))],
  ['a CSV file', file(dataUrl('text/csv', `name,card\nben,${CARD}\n`))],
  ['a JSON file', file(dataUrl('application/json', JSON.stringify({ card: CARD })))],
  ['text as a long Base64 string', chat({ metadata: { x: Buffer.from(`${'lorem ipsum '.repeat(30)}${MAIL}`).toString('base64') } })],
  ['a document of text', messages({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: `to ${MAIL}` } })],
  ['a number', chat({ customer: { phone: 34699112233 } })],
  ['a number in a list', chat({ phones: [34699112233] })],
  ['a card as a number', chat({ card: 4111111111111111 })],
  ['a long number', { ...chat({}), body: '{"model":"cloud/gpt-4o","x":4111111111111111.00000,"messages":[{"role":"user","content":"hello there"}]}' }],
  ['single figures', chat({ code: [4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] })],
  ['the name of a member', chat({ tools: [{ type: 'function', function: { name: 'f', parameters: { properties: { [MAIL]: {} } } } }] })],
  ['two messages', chat({}, [user('ben.ito'), user('@corp.jp')])],
  ['two parts', chat({}, [user([{ type: 'text', text: 'it is 4111 1111' }, { type: 'text', text: '1111 1111' }])])],
  ['two members', chat({ metadata: { local: 'ben.ito', domain: '@corp.jp' } })],
  ['the output of a shell', item({ type: 'shell_call_output', call_id: 'c', output: [{ stdout: 'x' }] })],
  ['outputs of an interpreter', item({ type: 'code_interpreter_call', id: 'c', outputs: [{ type: 'logs', logs: 'x' }] })],
  ['found files', item({ type: 'file_search_call', id: 'c', results: [{ text: 'x' }] })],
  ['a search result', messages({ type: 'search_result', source: 'x', title: 'y', content: [{ type: 'text', text: 'z' }] })],
  ['the query, encoded twice', { ...chat({}), path: '/v1/chat/completions?note=ben.ito%252540corp.jp' }],
  ['the query, in two values', { ...chat({}), path: '/v1/chat/completions?a=ben.ito&b=%40corp.jp' }],
  ['the name of a model in a header', { ...chat({}), headers: { 'x-smallfirst-route': `cloud/${MAIL}` } }],
  ['codes of characters in a list', chat({ x: Array.from(Buffer.from(MAIL)) })],
  ['figures of a fraction that no double keeps', { ...chat({}), body: '{"model":"cloud/gpt-4o","x":1.000000000004111111111111111,"messages":[{"role":"user","content":"hello there"}]}' }],
  ['a header', { ...chat({}), headers: { 'idempotency-key': MAIL } }],
  ['a form field', upload('name="prompt"', `write to ${MAIL}`)],
  ['the name of a file', upload(`name="file"; filename="${MAIL}.wav"`, 'x')],
  ['an upload', upload('name="file"; filename="x.bin"', PNG)],
  ['a duplicate member', { ...chat({}), body: `{"model":"cloud/gpt-4o","user":"${MAIL}","messages":[{"role":"user","content":"hello there"}],"user":"${MAIL}"}` }],
]; // prettier-ignore

test.each(planted)('does not leave: %s', async (_, sent) => {
  await send(sent);
  expect(whole.cloud.requests).toEqual([]);
});

test('bytes that are not UTF-8 are 400', async () => {
  const [before, after] = chat({}).body.toString().split('hello');
  const body = Buffer.concat([
    Buffer.from(before ?? ''),
    Buffer.from('fffe', 'hex'),
    Buffer.from(after ?? ''),
  ]);
  expect(await send({ ...chat({}), body })).toMatchObject({ status: 400 });
  expect(whole.cloud.requests).toEqual([]);
});

/** Without these the test would hold for a gateway that lets nothing out. */
test.each<[string, Sent]>([
  ['a plain question', chat({})],
  ['with tools and numbers', chat({ seed: 17, temperature: 0.7, tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] })],
  ['a harmless file of text', file(dataUrl('text/plain', 'the quick brown fox'))],
  ['a parameter of the media type', { ...chat({}), headers: { 'content-type': `application/json; note="${MAIL}"` } }],
  ['a duplicate whose last is harmless', { ...chat({}), body: `{"model":"cloud/gpt-4o","user":"${MAIL}","messages":[{"role":"user","content":"hello there"}],"user":"u1"}` }],
])('leaves, without what was not judged: %s', async (_, sent) => {
  expect(await send(sent)).toMatchObject({ status: 200 });
  expect(whole.cloud.requests).toHaveLength(1);
  const [{ raw, headers } = { raw: Buffer.alloc(0), headers: {} }] = whole.cloud.requests;
  expect(raw.toString() + JSON.stringify(headers)).not.toContain(MAIL);
}); // prettier-ignore

test.each(['/v1/..%2fadmin', '/v1/%2e%2e/admin', '/v1/x/..%5cadmin', '/v1/%252e%252e%252fadmin'])(
  'the path %s does not climb out',
  async (path) => {
    const { status } = await send({ path, body: '{}' });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(whole.cloud.requests).toEqual([]);
  },
);
