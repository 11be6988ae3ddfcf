import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configFile } from '../../test/support/config-file.ts';
import { upstreamKinds as kinds } from '../upstreams/index.ts';
import { loadConfig } from './load.ts';

const { folder, load, problems } = configFile();

const SECRETS = {
  SMALLFIRST_ADMIN_KEY: 'admin-0123456789-7f3a91',
  BOT_KEY: 'bot-key-0-7f3a92',
  OPENAI_API_KEY: 'sk-7f3a93',
  DATABASE_URL: 'postgres://user:7f3a94@db/smallfirst',
  REDIS_URL: 'redis://:7f3a95@cache:6379',
};

const FULL = `server:    { host: 0.0.0.0, port: 4100, cors: ["*"] }
auth: { mode: keys, adminKey: \${SMALLFIRST_ADMIN_KEY}, keys: [{ name: bot, key: \${BOT_KEY}, labels: { team: a } }] }
upstreams:
  - { name: local, kind: openai, locality: local, url: http://127.0.0.1:11434/v1/, model: qwen3:4b }
  - { name: cloud, kind: openai, locality: cloud, url: https://api.openai.com/v1, apiKey: \${OPENAI_API_KEY}, model: gpt-4o }
  - { name: embedded, kind: llama-cpp, locality: local, model: tinyllama-1.1b-chat, threads: 2 }
policy:    ./mine.yaml
store:     { kind: postgres, url: \${DATABASE_URL} }
shared:    { redis: \${REDIS_URL} }
energy:    { zone: ESP, meter: auto, priceUsdPerKwh: 0.2 }
`;

test('without a file the defaults hold, and the environment names the cloud', () => {
  const config = loadConfig({ env: { OPENAI_API_KEY: 'sk-1' }, cwd: folder, kinds });
  expect(config.server).toEqual({
    host: '127.0.0.1',
    port: 4100,
    cors: [],
    hosts: [],
    basePath: '',
    workers: 1,
  });
  expect(config.auth).toEqual({ mode: 'open' });
  expect(config.upstreams).toMatchObject({
    kind: 'auto',
    local: 'detect',
    cloud: { name: 'cloud', url: 'https://api.openai.com/v1', model: 'gpt-4o', locality: 'cloud' },
  });
  expect(config.store).toEqual({
    kind: 'sqlite',
    path: join(folder, '.smallfirst/state.db'),
    features: false,
  });
  expect(config.policy).toBe('default');
  expect(config.limits.maxBodyBytes).toBe(32 * 1024 * 1024);
});

test('OPENAI_BASE_URL is the cloud’s URL; without a key there is no cloud', () => {
  const env = { OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1/' };
  expect(loadConfig({ env, cwd: folder, kinds }).upstreams).toMatchObject({
    cloud: { url: 'http://127.0.0.1:9/v1' },
  });
  const none = loadConfig({
    env: { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' },
    cwd: folder,
    kinds,
  });
  expect(none.upstreams).toEqual({ kind: 'auto', local: 'detect' });
});

test('configured upstreams take precedence over OpenAI’s variables', () => {
  const yaml = 'upstreams: [{ name: local, kind: llama-cpp, model: m }]';
  expect(load(yaml, { OPENAI_API_KEY: 'sk-1' }).upstreams).toEqual({
    kind: 'configured',
    list: [{ name: 'local', kind: 'llama-cpp', locality: 'local', model: 'm' }],
  });
});

describe('a full file', () => {
  const config = load(FULL, SECRETS);

  test('is read, with relative paths counted from its folder', () => {
    expect(config.policy).toBe(join(folder, 'mine.yaml'));
    expect(config.baseDir).toBe(folder);
    expect(config.upstreams.kind).toBe('configured');
    expect(config.energy).toMatchObject({ zone: 'ESP', meter: 'auto', priceUsdPerKwh: 0.2 });
  });

  test('holds its secrets, and prints them nowhere', () => {
    const { auth } = config;
    expect(auth.mode === 'keys' && auth.keys[0]?.key.reveal()).toBe(SECRETS.BOT_KEY);
    expect(config.store.kind === 'postgres' && config.store.url.reveal()).toBe(
      SECRETS.DATABASE_URL,
    );
    expect(config.shared.redis?.reveal()).toBe(SECRETS.REDIS_URL);
    for (const print of [JSON.stringify(config), inspect(config, { depth: 9 })])
      expect(print).not.toContain('7f3a9');
  });

  test('is deeply frozen', () => {
    const everything = (value: unknown): readonly unknown[] =>
      typeof value === 'object' && value !== null
        ? [value, ...Object.values(value).flatMap(everything)]
        : [];
    for (const each of everything(config)) expect(Object.isFrozen(each)).toBe(true);
  });
});

test('the environment overrides host and port', () => {
  const yaml = 'server: { host: 127.0.0.2, port: 1 }';
  const env = { SMALLFIRST_HOST: '127.0.0.3', SMALLFIRST_PORT: '4200' };
  expect(load(yaml, env).server).toMatchObject({ host: '127.0.0.3', port: 4200 });
  expect(load('', env).server).toMatchObject({ host: '127.0.0.3', port: 4200 });
});

test('an IPv6 host may have the brackets of a URL', () => {
  expect(load('server: { host: "[::1]" }').server.host).toBe('::1');
});

test('SMALLFIRST_CONFIG names the file, --config beats it', () => {
  writeFileSync(join(folder, 'a.yaml'), 'server: { port: 1 }');
  writeFileSync(join(folder, 'b.yaml'), 'server: { port: 2 }');
  const env = { SMALLFIRST_CONFIG: 'a.yaml' };
  expect(loadConfig({ env, cwd: folder, kinds }).server.port).toBe(1);
  expect(loadConfig({ env, cwd: folder, file: 'b.yaml', kinds }).server.port).toBe(2);
});

describe('a variable', () => {
  test('becomes a number or a boolean if the schema wants one, and stays text elsewhere', () => {
    const yaml = `server: { port: \${N} }
auth: { mode: keys, keys: [{ name: a, key: \${N}, mayOverride: \${NO}, labels: { n: \${N} } }] }`;
    const config = load(yaml, { N: '4200', NO: 'false' });
    expect(config.server.port).toBe(4200);
    const [key] = config.auth.mode === 'keys' ? config.auth.keys : [];
    expect(key).toMatchObject({ mayOverride: false, labels: { n: '4200' } });
    expect(key?.key.reveal()).toBe('4200');
  });

  test('cannot become an object or a list', () => {
    const config = load('policy: ${P}', { P: 'x\nserver: { port: 1 }' });
    expect(config.server.port).toBe(4100);
  });

  test('may be empty if the secret is optional', () => {
    const yaml = `shared: { redis: \${R:-} }
upstreams: [{ name: l, kind: openai, locality: local, url: http://x/v1, model: m, apiKey: "\${R:-}" }]`;
    const config = load(yaml);
    expect(config.shared).toEqual({});
    expect(config.upstreams.kind === 'configured' && config.upstreams.list[0]).not.toHaveProperty(
      'apiKey',
    );
  });
});

test('a secret can be in its own file, beside the configuration', () => {
  writeFileSync(join(folder, 'redis.url'), 'redis://:hidden@cache\n');
  expect(load('shared: { redis: { file: redis.url } }').shared.redis?.reveal()).toBe(
    'redis://:hidden@cache',
  );
});

test.each(['redis://a', '"redis://a"', "'redis://a'", 'Bearer redis://a', ' redis://a\r\n'])(
  'a secret without what came along with it: %j',
  (written) => {
    const { shared } = load('shared: { redis: "${R}" }', { R: written });
    expect(shared.redis?.reveal()).toBe('redis://a');
  },
);

test('all mistakes are reported at once, with their place and what to write instead', () => {
  const yaml = `sever: { host: 0.0.0.0 }
server: { host: 0.0.0.0, prot: 1, port: 70000 }
upstreams:
  - { name: local, kind: opnai, locality: local, url: http://127.0.0.1/v1, model: m }
  - { name: local, kind: openai, locality: clod, url: ftp://x, apiKey: sk-literal, model: m, prise: 1 }
  - { name: a/b, kind: openai, locality: cloud, url: http://u:pw@x/v1, apiKey: { file: nope }, model: 4 }
  - { name: c, kind: openai, locality: cloud, url: \${URLX}, apiKey: { fil: nope } }
shared: { redis: \${OPENAI_API_KYE} }
limits: { maxBodyBytes: \${N} }
`;
  expect(problems(yaml, { OPENAI_API_KEY: 'sk-1', N: 'abc' })).toEqual([
    'smallfirst.yaml:1:1  unknown key `sever`; did you mean `server`?',
    'smallfirst.yaml:2:17  `auth: { mode: open }` needs a host that only this machine reaches (127.0.0.1, ::1, localhost); for any other host write `auth: { mode: keys, keys: [{ name: …, key: ${…} }] }`',
    'smallfirst.yaml:2:26  unknown key `prot`; did you mean `port`?',
    'smallfirst.yaml:2:41  `server.port` must be at most 65535',
    "smallfirst.yaml:4:26  `upstreams[0].kind` must be `openai` (any server that speaks its API), `llama-cpp` or `anthropic` (Anthropic's own API)",
    'smallfirst.yaml:5:13  another upstream has this name; names must differ',
    'smallfirst.yaml:5:44  `upstreams[1].locality` must be one of `local`, `cloud`; did you mean `cloud`?',
    'smallfirst.yaml:5:55  `upstreams[1].url` must be an http:// or https:// address, such as http://127.0.0.1:11434/v1',
    'smallfirst.yaml:5:72  `upstreams[1].apiKey` is written out here; keep it out of the file: `${VARIABLE}` or `{ file: path }`',
    'smallfirst.yaml:5:94  unknown key `prise`; did you mean `price`?',
    'smallfirst.yaml:6:13  `upstreams[2].name` must be made of letters, digits, `-`, `_` and `.`, such as `local`',
    'smallfirst.yaml:6:54  `upstreams[2].url` must not hold a password: put it in `apiKey`',
    `smallfirst.yaml:6:80  \`upstreams[2].apiKey\`: the file ${join(folder, 'nope')} cannot be read; it must exist and be readable`,
    'smallfirst.yaml:6:103  `upstreams[2].model` must be text, not a number',
    'smallfirst.yaml:7:5  `upstreams[3].model` is missing: add text',
    'smallfirst.yaml:7:52  the environment variable `URLX` is not set; set it, or give a default: `${URLX:-…}`',
    'smallfirst.yaml:7:69  `upstreams[3].apiKey.file` is missing: add text',
    'smallfirst.yaml:7:71  unknown key `fil`; did you mean `file`?',
    'smallfirst.yaml:8:18  the environment variable `OPENAI_API_KYE` is not set; did you mean `OPENAI_API_KEY`? Else set it, or give a default: `${OPENAI_API_KYE:-…}`',
    'smallfirst.yaml:9:25  `limits.maxBodyBytes` must be a number, not text',
  ]);
});

test('a secret written out as a number is not repeated either', () => {
  const yaml = 'auth: { mode: keys, keys: [{ name: a, key: 7391 }], adminKey: [7391] }';
  expect(problems(yaml).join('\n')).toContain('must be `${VARIABLE}` or `{ file: path }`');
  expect(problems(yaml).join('\n')).not.toContain('7391');
});

test('a model that is not in the catalogue is explained, if the catalogue is known', () => {
  writeFileSync(
    join(folder, 'models.yaml'),
    'upstreams: [{ name: l, kind: llama-cpp, model: tinylama }]',
  );
  const sources = { file: 'models.yaml', env: {}, cwd: folder, kinds };
  expect(loadConfig(sources).upstreams.kind).toBe('configured');
  expect(() => loadConfig({ ...sources, models: ['tinyllama', 'qwen3-4b'] })).toThrow(
    'models.yaml:1:48  no such model can be fetched, and this is no path of a .gguf file; did you mean `tinyllama`? (`models show NAME` lists how to get it)',
  );
});

test('a key that contains a secret is pointed at, not repeated', () => {
  const [problem] = problems('server: { portbot-7f3a92: 1 }');
  expect(problem).toMatch(/^smallfirst\.yaml:1:\d+ {2}unknown key; /);
  expect(problem).not.toContain('7f3a92');
});

test('a missing file is explained', () => {
  expect(() => loadConfig({ file: 'nope.yaml', env: {}, cwd: folder, kinds })).toThrow(
    'nope.yaml  there is no such file; give the configuration with --config FILE or SMALLFIRST_CONFIG, or neither for the defaults',
  );
  expect(() => loadConfig({ file: '.', env: {}, cwd: folder, kinds })).toThrow(
    'it is a folder, not a file',
  );
});

test('any changed file loads or has its mistakes listed, and leaks no secret', () => {
  const cut = fc.record({
    from: fc.nat(FULL.length),
    length: fc.nat(16),
    insert: fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.constantFrom(
        '\n',
        ': ',
        '- ',
        '{',
        '}',
        ']',
        '"',
        '&a ',
        '*a',
        '${BOT_KEY}',
        '${DATABASE_URL}',
        ' ${OPENAI_API_KEY}',
      ),
    ),
  });
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 4 }), (cuts) => {
      let changed = FULL;
      for (const { from, length, insert } of cuts)
        changed = changed.slice(0, from) + insert + changed.slice(from + length);
      for (const problem of problems(changed, SECRETS)) {
        expect(problem).toMatch(/^smallfirst\.yaml:\d+:\d+ {2}\S/);
        expect(problem).not.toMatch(/7f3a9|undefined|\[object|^\s+at /);
      }
    }),
    { numRuns: 300 },
  );
});

test('telephone regions: those of the zone and the usual ones, or what is written', () => {
  const regionsOf = (yaml: string): readonly string[] => load(yaml).pii.phoneRegions;
  expect(regionsOf('energy: { zone: PRT }').slice(0, 2)).toEqual(['PT', 'ES']);
  expect(regionsOf('energy: { zone: DEU }')).toHaveLength(12);
  expect(regionsOf('pii: { phoneRegions: [UK, PT] }')).toEqual(['GB', 'PT']);
  expect(problems('pii: { phoneRegions: [ES, Spain] }')).toEqual([
    expect.stringContaining('must be the two capital letters of a country'),
  ]);
});
