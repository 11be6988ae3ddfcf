/** Files, conversations and chats about them, asked of one gateway with each of three keys. */
import { expect } from 'vitest';
import type { WholeGateway } from './gateway-fixture.ts';

export const KEYS = {
  A: 'key-of-a-0123456789',
  B: 'key-of-b-0123456789',
  O: 'the-operators-01234',
};
type Key = keyof typeof KEYS;
export const WITH_KEYS = `auth:
  mode: keys
  keys:
    - { name: a, key: '\${A}' }
    - { name: b, key: '\${B}' }
    - { name: operator, key: '\${O}', account: true }`;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly id: string;
}

interface Sent {
  readonly body: string | FormData;
  /** Absent for a form, whose type has its boundary. */
  readonly type?: string;
}

/** One gateway, asked with each key; in open mode keys are not looked at. */
export function asking(gatewayOf: () => WholeGateway) {
  const send = async (key: Key, path: string, { body, type }: Sent): Promise<Answer> => {
    const answer = await fetch(`${gatewayOf().gateway.url}/v1${path}`, {
      method: 'POST',
      body,
      headers: {
        authorization: `Bearer ${KEYS[key]}`,
        ...(type === undefined ? {} : { 'content-type': type }),
      },
    });
    const text = await answer.text();
    return { status: answer.status, text, id: /"id":"([^"]+)"/.exec(text)?.[1] ?? '' };
  };
  const post = (path: string, body: object, key: Key = 'A'): Promise<Answer> =>
    send(key, path, { body: JSON.stringify(body), type: 'application/json' });
  const upload = async (content: string, type = 'text/plain', key: Key = 'A'): Promise<string> => {
    const form = new FormData();
    form.set('purpose', 'user_data');
    form.set('file', new Blob([content], { type }), type === 'text/plain' ? 'a.txt' : 'a.bin');
    const { status, id } = await send(key, '/files', { body: form });
    expect(status).toBe(200);
    return id;
  };
  const chatAbout = (file: string, key: Key = 'A', more: object = {}): Promise<Answer> => {
    const content = [
      { type: 'text', text: 'Sum it up.' },
      { type: 'file', file: { file_id: file } },
    ];
    return post(
      '/chat/completions',
      { model: 'cloud/gpt-4o', messages: [{ role: 'user', content }], ...more },
      key,
    );
  };
  const respond = (more: object, key: Key = 'A'): Promise<Answer> =>
    post('/responses', { model: 'cloud/gpt-4o', input: 'Sum it up.', ...more }, key);
  return { post, upload, chatAbout, respond };
}
