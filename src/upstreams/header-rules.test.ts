import { expect, test } from 'vitest';
import { headerProblems } from './header-rules.ts';

test.each([
  ['Authorization', 'apiKey'],
  ['X-API-Key', 'apiKey'],
  ['Api-Key', 'apiKey'],
  ['Cookie', 'apiKey'],
  ['X-Vendor-Access-Key', 'apiKey'],
  ['X-Session-Token', 'apiKey'],
  ['Connection', 'by the gateway'],
  ['Transfer-Encoding', 'by the gateway'],
  ['Content-Length', 'by the gateway'],
  ['Host', 'by the gateway'],
  ['X Title', 'no name'],
  ['X-Title\r\nHost', 'no name'],
  ['', 'no name'],
])('the header %j is refused', (name, words) => {
  const [problem, ...others] = headerProblems({ [name]: 'v-4711' });
  expect(problem?.message).toContain(words);
  expect(problem?.message).not.toContain('4711');
  expect(others).toEqual([]);
});

test.each(['a\r\nHost: b', 'a\nb', 'a\rb', 'a\u0000b', '\u20ac'])(
  'the value %j is refused',
  (value) => {
    expect(headerProblems({ 'X-Title': value })).toMatchObject([{ name: 'X-Title' }]);
  },
);

test('a name in two spellings is refused where it stands again', () => {
  expect(headerProblems({ 'X-Title': 'a', 'x-title': 'b' })).toMatchObject([{ name: 'x-title' }]);
});

test('attribution passes', () => {
  const headers = {
    'OpenAI-Organization': 'org-1',
    'OpenAI-Project': 'proj_1',
    'HTTP-Referer': 'https://shop.example/',
    'X-Title': 'Schöner Laden',
    'User-Agent': 'shop/2',
  };
  expect(headerProblems(headers)).toEqual([]);
});
