/** Row R6, the invariant: what the cloud can read is what was judged, however the bytes were written. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway();
});
afterAll(() => whole.close());

/** The same text in JSON with any of its characters escaped. */
const escaped = (text: string, every: number): string =>
  JSON.stringify(text).replaceAll(/[a-z]/g, (letter, at: number) =>
    at % every === 0 ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter,
  );

const spaces = fc.constantFrom('', ' ', '\n', '\t\r\n');

test('duplicate members, escapes and blanks, in any order', async () => {
  const member = fc.tuple(fc.constantFrom('user', 'x', 'y'), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { maxLength: 5 }),
      fc.integer({ min: 1, max: 4 }),
      spaces,
      async (members, every, gap) => {
        const written = [
          ...members,
          ['model', 'cloud/gpt-4o'] as const,
          ['messages', [{ role: 'user', content: 'hello' }]] as const,
          ...members.slice(0, 2),
        ].map(([name, value]) => `${escaped(name, every)}${gap}:${gap}${JSON.stringify(value)}`);
        const text = `${gap}{${gap}${written.join(`,${gap}`)}}`;
        whole.cloud.clear();
        const answer = await whole.post('/v1/chat/completions', text);
        if (!answer.ok) return;
        const raw = whole.cloud.requests[0]?.raw.toString() ?? '';
        const names = [...raw.matchAll(/"(?:user|x|y)"\s*:/g)].length;
        const judged = { ...(JSON.parse(text) as object), model: 'gpt-4o' };
        expect(JSON.parse(raw)).toEqual(judged);
        // Once each, so that a server that keeps the first reads the same.
        const own = new Set(members.map(([name]) => name)).size;
        if (members.every(([, value]) => typeof value !== 'object')) expect(names).toBe(own);
      },
    ),
    { numRuns: 150 },
  );
});

test('a byte-order mark is left out, and what is behind it is judged', async () => {
  whole.cloud.clear();
  const text = '{"model":"cloud/gpt-4o","messages":[{"role":"user","content":"hi"}]}';
  expect((await whole.post('/v1/chat/completions', `\uFEFF${text}`)).status).toBe(200);
  expect(whole.cloud.requests[0]?.raw.toString()).toBe(text.replace('cloud/', ''));
});

test.each([
  ['UTF-16', Buffer.from('{"model":"cloud/gpt-4o","messages":[{"role":"user","content":"hi"}]}', 'utf16le')],
  ['Latin-1', Buffer.from('{"model":"cloud/gpt-4o","messages":[{"role":"user","content":"caf\u00e9"}]}', 'latin1')],
])('%s is 400, and nothing leaves', async (_, body) => {
  whole.cloud.clear();
  const answer = await fetch(`${whole.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(answer.status).toBe(400);
  expect(whole.cloud.requests).toEqual([]);
}); // prettier-ignore
