import { expect, test } from 'vitest';
import { digestOf } from './key-secret.ts';
import { createKeyring } from './keyring.ts';

const settings = { role: 'data', labels: {}, mayOverride: true, account: false } as const;
const stored = (name: string, more: object = {}) => ({
  name,
  ...settings,
  digest: digestOf(`secret-of-${name}`).toString('hex'),
  createdMs: 0,
  createdBy: 'ana',
  ...more,
});

test('says when a key has to be looked at again, and what is over', () => {
  const ring = createKeyring([]);
  const old = { digest: digestOf('before').toString('hex'), untilMs: 20 };
  const keys = [stored('a', { expiresMs: 30, previous: old }), stored('b', { revokedMs: 5 })];
  expect(ring.use(keys, 10)).toBe(20);
  expect(ring.find('secret-of-a')?.refused).toBeUndefined();
  expect(ring.find('secret-of-a')?.caller.expiresMs).toBe(30);
  expect(ring.find('secret-of-b')?.caller).not.toHaveProperty('expiresMs');
  expect(ring.find('before')?.name).toBe('a');
  expect(ring.find('secret-of-b')?.refused).toMatch('revoked at 1970-01-01T00:00:00.005Z');
  expect(ring.use(keys, 20)).toBe(30);
  expect(ring.find('before')?.refused).toMatch('replaced');
  expect(ring.use(keys, 30)).toBe(Infinity);
  expect(ring.find('secret-of-a')?.refused).toMatch('expired at 1970-01-01T00:00:00.030Z');
  ring.use([], 40);
  expect(ring.find('secret-of-a')).toBeUndefined();
});

test('a key of the configuration goes before a stored one of its name or secret', () => {
  const ring = createKeyring([{ name: 'a', ...settings, secret: 'secret-of-b' }], {
    adminKey: 'boss',
  });
  ring.use([stored('a', { team: 'x' }), stored('b'), stored('c')], 0);
  expect(ring.find('secret-of-a')).toBeUndefined();
  expect(ring.find('secret-of-b')?.name).toBe('a');
  expect(ring.find('secret-of-c')?.name).toBe('c');
  expect(ring.find('boss')?.role).toBe('admin');
});

test('a secret is found as a whole: no prefix, no extension, no other case', () => {
  const ring = createKeyring([]);
  ring.use([stored('a')], 0);
  for (const wrong of ['secret-of-', 'secret-of-aa', 'Secret-of-a', '', digestOf('x').toString()])
    expect(ring.find(wrong)).toBeUndefined();
});
