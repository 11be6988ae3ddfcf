import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { absoluteForm, canonicalUrl, refuseBadEscape } from './canonical-url.ts';

const CHAT = '/v1/chat/completions';

test.each([
  '/v1//chat/completions',
  '//v1/chat/completions',
  '/v1/chat/completions/',
  '/v1/chat/completions///',
  '/v1/v1/chat/completions',
  '/V1/Chat/Completions',
  '/v1/./chat/completions',
  '/v1/files/../chat/completions',
  '/v1/%63hat/completions',
  '/v1/%2e%2E/v1/chat/completions',
  '\\v1\\chat/completions',
  '/chat/completions',
  '/api/v1/chat/completions',
  '/openai/v1/chat/completions',
  '/OpenAI/chat/completions',
])('%s is the chat route', (url) => {
  expect(canonicalUrl(url)).toBe(CHAT);
});

test.each([
  ['/v1/chat/completions/?stream=1', '/v1/chat/completions?stream=1'],
  ['/v1/models/Qwen%2FQwen3-4B', '/v1/models/Qwen%2FQwen3-4B'],
  ['/V1/files/file-ABC/content/', '/v1/files/file-ABC/content'],
  ['/', '/'],
  ['/dashboard/', '/dashboard'],
  ['/../../etc/passwd', '/etc/passwd'],
  ['/v1?x=//', '/v1?x=//'],
  ['/openai/deployments/gpt-4o/embeddings?api-version=2024', '/v1/engines/gpt-4o/embeddings'],
  [
    '/deployments/a%2Fb/chat/completions?x=1&api-version=2',
    '/v1/engines/a%2Fb/chat/completions?x=1',
  ],
  ['/v1/deployments/auto/completions', '/v1/engines/auto/completions'],
  ['/openai/responses?api-version=preview&stream=true', '/v1/responses?stream=true'],
  ['/v1/chat/completions?api-version=1', '/v1/chat/completions?api-version=1'],
  ['/openai/v1/v1', '/v1'],
  ['/API/v1/V1/models', '/v1/models'],
  ['/openai/v1/deployments/auto/completions', '/v1/engines/auto/completions'],
  ['/key', '/key'],
  ['/openai', '/openai'],
  ['/api/chat', '/api/chat'],
  ['/deployments', '/deployments'],
])('%s is written %s', (url, canonical) => {
  expect(canonicalUrl(url)).toBe(canonical);
});

describe('any target', () => {
  const SEGMENTS = [
    ...'v1 V1 . .. chat Completions %41 %2F é%zz openai deployments api models'.split(' '),
    '',
  ];
  const target = fc.array(fc.constantFrom(...SEGMENTS)).map((segments) => `/${segments.join('/')}`);

  test('is unchanged by a second pass, and has no dot segments', () => {
    fc.assert(
      fc.property(target, (url) => {
        const once = canonicalUrl(url);
        expect(canonicalUrl(once)).toBe(once);
        expect(once).toMatch(/^\/(?!\/)/);
        expect(once.split('/').filter((segment) => /^\.{1,2}$/.test(segment))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

test.each(['/v1/models/%E0%A4%A', '/v1/models/%zz', '/v1/files%'])('%s is refused', (url) => {
  expect(() => refuseBadEscape(url)).toThrow(/percent escape/);
});

test.each(['/v1/models/a%2Fb?x=%zz', '/v1/models/plain'])('%s is not', (url) => {
  expect(() => refuseBadEscape(url)).not.toThrow();
});

test.each([
  ['http://127.0.0.1:4100/v1/models?a=http://b', '127.0.0.1:4100', '/v1/models?a=http://b'],
  ['HTTPS://acme.io/v1', 'acme.io', '/v1'],
  ['http://[::1]:80', '[::1]:80', '/'],
  ['http://acme.io?a', 'acme.io', '/?a'],
])('%s is a whole URL', (target, host, url) => {
  expect(absoluteForm(target)).toEqual({ host, url });
});

test.each([
  '/v1/models',
  '//acme.io/v1',
  '*',
  'http:///v1',
  'http://127.0.0.1@acme.io/v1',
  'http://acme.io\\@127.0.0.1/v1',
  'ftp://acme.io/',
])('%s is none', (target) => {
  expect(absoluteForm(target)).toBeUndefined();
});
