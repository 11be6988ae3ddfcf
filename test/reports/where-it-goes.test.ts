/** Requests that routers were reported to send to the wrong model (README.md). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/lib/json.ts';
import { EASY, HARD } from '../support/gateway-fixture.ts';
import { startSayingCloud, type SayingCloud } from '../support/saying-cloud.ts';

let cloud: SayingCloud;
beforeAll(async () => {
  cloud = await startSayingCloud();
});
afterAll(async () => {
  await cloud.close();
});

const user = (content: JsonObject['x']): JsonObject => ({ role: 'user', content: content ?? null });
const says = (content: string): JsonObject => ({ role: 'assistant', content });
const withPart = (part: JsonObject) => [user([{ type: 'text', text: 'What is this?' }, part])];
const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };

const routeOf = async (messages: readonly JsonObject[]): Promise<unknown> => {
  const route = await cloud.whole.post('/v1/route', { model: 'auto', messages });
  return await route.json();
};

test.each<[string, readonly JsonObject[]]>([
  ['a film', withPart({ type: 'video_url', video_url: { url: 'https://example.com/a.mp4' } })],
  ['a film of another kind', withPart({ type: 'input_video', video: 'AAAA' })],
  ['a document', withPart({ type: 'document', source: { type: 'text', data: 'x' } })],
  ['a sound by its address', withPart({ type: 'audio_url', audio_url: { url: 'https://a.mp3' } })],
  ['a picture in an earlier turn', [...withPart(picture), says('A cat.'), user('thanks')]],
  ['a picture by its address alone', withPart({ type: 'image_url', image_url: 'https://a.png' })],
  [
    "a picture in a tool's result",
    [
      user('look'),
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'a', content: [picture] },
    ],
  ],
  ['a go-ahead behind a hard request', [user(HARD), says('Here is a plan.'), user('yes, do it')]],
])('%s goes to the large model', async (_what, messages) => {
  expect(await routeOf([user(EASY)])).toMatchObject({ tier: 'small' });
  expect(await routeOf(messages)).toMatchObject({ tier: 'large' });
});

test("a model's name may have blanks around it", async () => {
  const answer = await cloud.whole.post('/v1/chat/completions', {
    model: ' small ',
    messages: [user(EASY)],
  });
  expect(answer.headers.get('x-smallfirst-upstream')).toBe('local');
  await answer.text();
});

test('an error that says nothing is told in words', async () => {
  cloud.say('{}', 500);
  const answer = await cloud.whole.post('/v1/chat/completions', {
    model: 'cloud/gpt-4o',
    messages: [user(EASY)],
  });
  const message = "'cloud' answered with status 500 and no message.";
  expect(await answer.json()).toMatchObject({ error: { message } });
});
