/** What commands that only read what is stored may do without. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configFile } from '../../test/support/config-file.ts';
import { upstreamKinds as kinds } from '../upstreams/index.ts';
import { loadConfig } from './load.ts';

const { folder } = configFile();

describe('a command that asks nobody', () => {
  const waived = (yaml: string, env: Record<string, string> = {}) => {
    writeFileSync(join(folder, 'waived.yaml'), yaml);
    return loadConfig({ file: 'waived.yaml', env, cwd: folder, kinds, secrets: 'waived' });
  };

  test('needs no key of callers and upstreams, from variables or files', () => {
    const config = waived(
      `auth: { mode: keys, adminKey: { file: '\${NO_FOLDER}/admin' }, keys: [{ name: a, key: '\${NO_A}', labels: { team: red } }, { name: b, key: '\${NO_B}' }] }
server: { host: 0.0.0.0 }
upstreams:
  - { name: cloud, kind: openai, locality: cloud, url: https://api.openai.com/v1, apiKey: '\${NO_KEY}', apiKeys: { red: '\${NO_RED}' }, headers: { x: '\${NO_X}' }, model: gpt-4o }
store: { kind: sqlite, path: here.db }`,
    );
    expect(config.store).toMatchObject({ path: join(folder, 'here.db') });
    expect(config.auth).toMatchObject({ keys: [{ name: 'a' }, { name: 'b' }] });
  });

  test.each([
    ["store: { kind: postgres, url: '${NO_URL}' }", 'the environment variable `NO_URL` is not set'],
    [
      "upstreams: [{ name: l, kind: openai, locality: local, url: '${NO_URL}', model: m }]",
      '`NO_URL` is not set',
    ],
    [
      "upstreams: [{ name: l, kind: openai, locality: local, url: 'http://127.0.0.1:1/v1', apiKey: sk-1, model: m }]",
      'is written out here',
    ],
  ])('is told of other mistakes: %s', (yaml, message) => {
    expect(() => waived(yaml)).toThrow(message);
  });
});
