import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { upstreamKinds as kinds } from '../upstreams/index.ts';
import type { Config } from './config.ts';
import { loadConfig } from './load.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-headers-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(headers: string, env: Readonly<Record<string, string>> = {}): Config {
  const upstream = `{ name: cloud, kind: openai, locality: cloud, url: 'https://x/v1?api-version=a/', model: m, headers: ${headers} }`;
  writeFileSync(join(folder, 'smallfirst.yaml'), `upstreams:\n  - ${upstream}\n`);
  return loadConfig({ file: 'smallfirst.yaml', env, cwd: folder, kinds });
}

test('headers are read, from the environment too, and the query of the url stays', () => {
  const config = load('{ X-Title: Shop, OpenAI-Project: "${PROJECT}" }', { PROJECT: 'proj_7' });
  expect(config.upstreams.kind === 'configured' && config.upstreams.list[0]).toMatchObject({
    url: 'https://x/v1?api-version=a/',
    headers: { 'X-Title': 'Shop', 'OpenAI-Project': 'proj_7' },
  });
});

test('credentials, hop-by-hop headers and line ends are refused at their place', () => {
  const refused = () =>
    load('{ Authorization: Bearer k, Connection: close, X-Title: "${T}" }', { T: 'a\r\nHost: b' });
  expect(refused).toThrow(/:2:\d+ {2}`upstreams\[0\]\.headers\.Authorization` holds credentials/);
  expect(refused).toThrow('`upstreams[0].headers.Connection` is written by the gateway');
  expect(refused).toThrow('`upstreams[0].headers.X-Title` must be one line');
});
