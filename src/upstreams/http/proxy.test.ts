import { expect, test } from 'vitest';
import { proxyFor } from './proxy.ts';

const PROXIES = { HTTP_PROXY: 'http://plain.corp:3128', HTTPS_PROXY: 'http://tls.corp:3129' };

const hostFor = (url: string, env: Readonly<Record<string, string>> = PROXIES) =>
  proxyFor(new URL(url), env)?.host;

test('each scheme has its variable, and the plain one stands in for the other', () => {
  expect(hostFor('http://api.example/v1')).toBe('plain.corp:3128');
  expect(hostFor('https://api.example/v1')).toBe('tls.corp:3129');
  expect(hostFor('https://api.example/v1', { HTTP_PROXY: 'http://p:1' })).toBe('p:1');
  expect(hostFor('http://api.example/v1', { HTTPS_PROXY: 'http://p:1' })).toBeUndefined();
  expect(hostFor('https://api.example/v1', {})).toBeUndefined();
});

test('lower case wins, and an empty variable is none', () => {
  const env = { https_proxy: 'http://low:1', HTTPS_PROXY: 'http://high:2' };
  expect(hostFor('https://api.example/', env)).toBe('low:1');
  expect(hostFor('https://api.example/', { ...env, https_proxy: '' })).toBe('high:2');
});

test('a proxy may be written without its scheme, and its password is no part of its name', () => {
  const env = { https_proxy: 'ann:s3cret@proxy.corp:8080' };
  const proxy = proxyFor(new URL('https://api.example/'), env);
  expect(proxy).toMatchObject({
    url: 'http://ann:s3cret@proxy.corp:8080',
    variable: 'https_proxy',
  });
  expect(proxy?.host).toBe('proxy.corp:8080');
});

test.each(['http://localhost:8000/', 'https://127.4.0.9/', 'http://[::1]:8000/'])(
  '%s is reached directly',
  (url) => {
    expect(hostFor(url)).toBeUndefined();
  },
);

test.each([
  ['https://api.example.com/', '*'],
  ['https://api.example.com/', 'api.example.com'],
  ['https://api.example.com/', 'other.test, EXAMPLE.com'],
  ['https://api.example.com/', 'other.test .example.com'],
  ['https://example.com/', '.example.com'],
  ['https://api.example.com/', '*.example.com'],
  ['https://api.example.com./', 'example.com'],
  ['https://api.example.com/', 'api.example.com:443'],
  ['http://api.example.com:8080/', 'example.com:8080'],
  ['http://10.20.30.40/', '10.0.0.0/8'],
  ['http://10.20.30.40/', '10.20.30.40'],
  ['http://[fd00::7]/', 'fd00::/8'],
  ['http://[fd00::7]:99/', '[fd00::7]:99'],
  ['http://[fd00::7]/', 'fd00::7'],
])('%s is reached directly with NO_PROXY=%s', (url, list) => {
  expect(hostFor(url, { ...PROXIES, NO_PROXY: list })).toBeUndefined();
  expect(hostFor(url, { ...PROXIES, NO_PROXY: 'none.test', no_proxy: list })).toBeUndefined();
});

test.each([
  ['https://api.example.com/', 'example.org'],
  ['https://notexample.com/', 'example.com'],
  ['https://example.com/', '*.example.com'],
  ['https://api.example.com/', 'api.example.com:80'],
  ['http://11.20.30.40/', '10.0.0.0/8'],
  ['http://10.20.30.40/', '10.0.0.0/99'],
  ['http://[fd00::7]:99/', '[fd00::7]:98'],
  ['https://api.example.com/', ''],
])('%s goes through the proxy with NO_PROXY=%s', (url, list) => {
  expect(hostFor(url, { ...PROXIES, NO_PROXY: list })).toBeDefined();
});

test.each(['socks5://p:1', 'http:///x y', 'http://[:1'])(
  'the proxy %s is refused in words that do not hold it',
  (value) => {
    const look = () => proxyFor(new URL('https://api.example/'), { HTTPS_PROXY: value });
    expect(look).toThrow(/^HTTPS_PROXY \(environment\) names no proxy .* http:\/\/host:port/);
    expect(look).not.toThrow(value);
  },
);
