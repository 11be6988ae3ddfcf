import { expect, test } from 'vitest';
import { isOnThisMachine, openaiConfig } from './config.ts';

test.each([
  ['http://127.0.0.1:11434/v1', true],
  ['http://127.8.0.1/v1', true],
  ['http://localhost:8080/v1', true],
  ['http://[::1]:8080/v1', true],
  ['http://host.docker.internal:11434/v1', true],
  ['http://192.168.1.20:11434/v1', false],
  ['http://localhost.example.org/v1', false],
  ['https://api.openai.com/v1', false],
])('a server at %s is on this machine: %s', (url, isHere) => {
  const config = openaiConfig({ name: 'x', locality: 'local', url, model: 'm' });
  expect(isOnThisMachine(config)).toBe(isHere);
});

test('absent members have their defaults', () => {
  const said = { name: 'x', locality: 'cloud', model: 'm', url: 'https://x/v1//' } as const;
  expect(openaiConfig(said)).toEqual({
    kind: 'openai',
    name: 'x',
    locality: 'cloud',
    model: 'm',
    url: 'https://x/v1',
    models: [],
    timeouts: {},
  });
});
