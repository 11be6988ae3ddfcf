/** One mistake each, and what is said of it. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFile } from '../../test/support/config-file.ts';
import type { Environment } from '../core/upstream-kind.ts';

const { folder, problems } = configFile();

test.each([
  ['upstreams: []', {}, '`upstreams` must have at least 1 entry'],
  ['upstreams: { name: x }', {}, '`upstreams` must be a list, not `key: value` entries'],
  [
    'auth: { mode: keys, keys: [{ name: a, key: ${E} }] }',
    { E: '' },
    '`auth.keys[0].key` is empty',
  ],
  ['auth: { mode: keys, keys: [{ name: a, key: x }] }', {}, 'is written out here'],
  ['auth: { mode: none }', {}, '`auth.mode` must be `open` or `keys`'],
  ['', { SMALLFIRST_HOST: '0.0.0.0' }, 'needs a host that only this machine reaches'],
  [
    '',
    { SMALLFIRST_PORT: '65536' },
    'SMALLFIRST_PORT (environment)  must be a port from 0 to 65535',
  ],
  [
    '',
    { OPENAI_BASE_URL: 'api.openai.com' },
    'OPENAI_BASE_URL (environment)  must be an http:// or https:// address',
  ],
  [
    '',
    { OPENAI_BASE_URL: 'http://unix:/run/model.sock:/v1' },
    'OPENAI_BASE_URL (environment)  must be an address with a port, as a Unix socket cannot be asked',
  ],
  [
    'upstreams: [{ name: c, kind: openai, locality: local, url: "http+unix:///run/model.sock", model: m }]',
    {},
    '`upstreams[0].url` must be an address with a port, as a Unix socket cannot be asked',
  ],
  [
    '',
    { OPENAI_BASE_URL: 'https://api.openai.com/v1/chat/completions' },
    'OPENAI_BASE_URL (environment)  must be the base URL: leave out `/chat/completions`',
  ],
  [
    'upstreams: [{ name: c, kind: openai, locality: cloud, url: "https://x.example/v1/embeddings?v=1", model: m }]',
    {},
    '`upstreams[0].url` must be the base URL: leave out `/embeddings`',
  ],
  ['log: { prompts: always }', {}, '`log.prompts` must be `never`'],
  ['store: { kind: postgres, url: postgres://a:b@c/d }', {}, 'is written out here'],
  [
    'shared: { redis: "${R}" }',
    { R: 'http://a:6379' },
    '`shared.redis` must be a URL such as `redis://host:6379`',
  ],
  [
    'shared: { redis: "${R}" }',
    { R: 'redis://a:99999' },
    '`shared.redis` must be a URL such as `redis://host:6379`',
  ],
  [
    'shared: { redis: "${R}" }',
    { R: 'redis:6379' },
    '`shared.redis` must be a URL such as `redis://host:6379`',
  ],
  ['energy: { zone: Spain }', {}, 'must be a zone code in capitals'],
  [
    'server: { host: "127.0.0.1:80" }',
    {},
    '`server.host` must be an address or a host name without a port',
  ],
  ['server: { basePath: smallfirst/ }', {}, '`server.basePath` must begin with `/` and not end'],
  ['server: { basePath: "/a/../b" }', {}, '`server.basePath` must begin with `/` and not end'],
  ['server: { workers: many }', {}, '`server.workers` must be a number from 1 to 64, or `auto`'],
  ['server: { workers: 2 }\nstore: { kind: memory }', {}, 'keeps everything in one process'],
  [
    'server: { workers: 2 }\nupstreams: [{ name: own, kind: llama-cpp, locality: local, model: m }]',
    {},
    'smallfirst.yaml:1:20  must be 1: upstream `own` is a model in this process',
  ],
  ['server: { cors: ["https://a.org/"] }', {}, '`server.cors[0]` must be `*` or an origin'],
  ['server: { cors: ["app://obsidian.md/"] }', {}, '`server.cors[0]` must be `*` or an origin'],
  ['server: { cors: ["HTTPS://a.org"] }', {}, '`server.cors[0]` must be `*` or an origin'],
  [
    'auth: { mode: keys, adminKey: ${K}, keys: [{ name: a, key: ${K} }] }',
    { K: 'k' },
    'smallfirst.yaml:1:60  another key has the same value; keys must differ',
  ],
  [
    'upstreams: [{ name: l, kind: llama-cpp, model: nope.gguf }]',
    {},
    `smallfirst.yaml:1:48  there is no file ${join(folder, 'nope.gguf')}; relative paths count from the folder of this file`,
  ],
  [
    'upstreams: [{ name: l, kind: llama-cpp, model: m, url: http://x/v1 }]',
    {},
    'smallfirst.yaml:1:51  unknown key `url`; possible: `name`, `kind`, `locality`, `model`, `threads`',
  ],
  [
    'upstreams: [{ name: l, kind: openai, locality: local, url: http://x/v1, model: m, server: olama }]',
    {},
    'did you mean `ollama`?',
  ],
  ['server: { port: 41.5 }', {}, '`server.port` must be a whole number, not 41.5'],
  ['server: {', {}, 'not valid YAML'],
  ['- a\n', {}, 'the file must be `key: value` entries, not a list'],
  ['policy: ${', {}, '`${` is no reference to a variable'],
])('%j is refused', (yaml, env: Environment, message) => {
  expect(problems(yaml, env).join('\n')).toContain(message);
});
