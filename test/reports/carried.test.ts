/** Uploads, sound, pictures and lists of models as users reported them to be damaged on the way (README.md). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isObject, objectsIn, textIn, type Json } from '../../src/lib/json.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway();
});
afterAll(async () => {
  await whole.close();
});

const upload = (path: string, form: FormData): Promise<Response> =>
  fetch(whole.gateway.url + path, { method: 'POST', body: form });

const LINE = '{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{}}';

test.each([
  ['a byte-order mark', `\uFEFF${LINE}\n`],
  ['line ends of Windows', `${LINE}\r\n${LINE}\r\n`],
  ['no line end', LINE],
])('lines of a batch with %s arrive byte for byte', async (_what, lines) => {
  const form = new FormData();
  form.append('purpose', 'batch');
  form.append('expires_after[anchor]', 'created_at');
  form.append('expires_after[seconds]', '3600');
  form.append('file', new Blob([lines]), 'größe.jsonl');
  const stored: unknown = await (await upload('/v1/files', form)).json();
  const id = isObject(stored) ? textIn(stored['id']) : '';
  const arrived = whole.cloud.requests.at(-1)?.raw.toString() ?? '';
  for (const part of [lines, 'name="expires_after[seconds]"', 'größe.jsonl'])
    expect(arrived).toContain(part);
  const kept = await fetch(`${whole.gateway.url}/v1/files/${id}/content`);
  expect(Buffer.from(await kept.arrayBuffer())).toEqual(Buffer.from(lines));
});

test.each([
  ['json', /^\{"text":"a short recording"\}$/, 'application/json'],
  ['text', /^a short recording\n$/, 'text/plain'],
  ['srt', /^1\n00:00:00,000 --> /, 'text/plain'],
  ['vtt', /^WEBVTT\n/, 'text/plain'],
])('a transcription as %s is given as it is', async (format, text, type) => {
  const form = new FormData();
  form.append('file', new Blob([Buffer.alloc(64)], { type: 'audio/wav' }), 'a.wav');
  form.append('model', 'whisper-1');
  form.append('response_format', format);
  for (const each of ['word', 'segment']) form.append('timestamp_granularities[]', each);
  const answer = await upload('/v1/audio/transcriptions', form);
  expect(answer.headers.get('content-type')).toContain(type);
  expect(await answer.text()).toMatch(text);
  const arrived = whole.cloud.requests.at(-1)?.raw.toString('latin1') ?? '';
  expect(arrived.split('name="timestamp_granularities[]"')).toHaveLength(3);
});

test('every model of the list can be asked for by its name, with a slash as it is and escaped', async () => {
  const models = `${whole.gateway.url}/v1/models`;
  const list: unknown = await (await fetch(models)).json();
  const ids = objectsIn(isObject(list) ? (list['data'] as Json) : undefined).map(({ id }) =>
    textIn(id),
  );
  expect(ids).toContain('cloud/gpt-4o');
  for (const id of ids)
    for (const written of [id, encodeURIComponent(id)])
      expect(await (await fetch(`${models}/${written}`)).json()).toMatchObject({ id });
});
