import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { NO_WAITING } from '../../core/deadline.ts';
import { createAuth } from './auth.ts';
import { createKeyring } from './keyring.ts';

const settings = { role: 'data', labels: {}, mayOverride: false, account: false } as const;
const key = (name: string) => ({ name, ...settings, secret: `key-of-${name}` });
const keyring = createKeyring([key('ann'), key('bob')], { adminKey: 'key-of-admin' });
const auth = createAuth({ mode: 'keys', keyring });

// Only its headers are read.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const asking = (headers: object) => ({ headers }) as IncomingMessage;
const callerWith = (headers: object) => auth.caller(asking(headers), NO_WAITING);

test('a right key is known again, each as its own caller', () => {
  for (const name of ['ann', 'bob', 'ann', 'bob']) {
    expect(callerWith({ authorization: `Bearer key-of-${name}` })).toMatchObject({ name });
  }
});

test('a wrong key is refused however often it comes, and beside a right one', () => {
  for (const authorization of ['Bearer wrong', 'Bearer wrong', 'Bearer key-of-ann-', '']) {
    expect(() => callerWith({ authorization })).toThrow('Incorrect or missing API key');
  }
  expect(() => callerWith({ authorization: 'Bearer wrong', 'x-api-key': 'key-of-ann' })).toThrow();
});

test('a header beside which `x-api-key` was right is no key by itself', () => {
  const authorization = 'Basic cHJveHk=';
  expect(callerWith({ authorization, 'x-api-key': 'key-of-ann' })).toMatchObject({ name: 'ann' });
  expect(() => callerWith({ authorization })).toThrow('Incorrect or missing API key');
});

test('a known key is no admin key', () => {
  const headers = { authorization: 'Bearer key-of-ann' };
  void callerWith(headers);
  expect(() => auth.admin(asking(headers), NO_WAITING)).toThrow("Key 'ann' is for asking models");
});

test('an admin key asks no models, and is told so', () => {
  const headers = { authorization: 'Bearer key-of-admin' };
  expect(() => callerWith(headers)).toThrow('is for administration and asks no models');
});
