import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatProblem } from '../lib/problems.ts';
import { upstreamKinds } from '../upstreams/index.ts';
import { checkAll } from './check.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-check-'));
const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  put(
    'smallfirst.yaml',
    `upstreams:
  - { name: tiny, kind: llama-cpp, model: m }
  - { name: big, kind: openai, locality: cloud, url: https://example.org/v1, apiKey: \${KEY}, model: g }
policy: mine.yaml
`,
  );
  put(
    'mine.yaml',
    `name: mine
objective: { complexityBelow: 0.5 }
targets: { small: { upstream: tiny }, large: { upstream: big } }
rules:
  - { name: waiting, when: upstreams.tiny.queueDepth > 3, use: [large, small] }
`,
  );
});

function check(what: { config?: string; policy?: string; cases?: string }, env = {}) {
  const { lines, problems } = checkAll({
    ...what,
    env,
    cwd: folder,
    models: ['m'],
    kinds: upstreamKinds,
    signals: ['complexity', 'pii', 'domain', 'language', 'stakes'],
    thresholdsWith: () => () => ({ value: 0.5, from: 'test' }),
  });
  return { lines, problems: problems.map(formatProblem) };
}

test('without options, the defaults are checked and valid', () => {
  const { lines, problems } = check({});
  expect(problems).toEqual([]);
  expect(lines).toEqual([
    'configuration defaults (no file): a local model to be found at the start, no cloud; auth open: ok',
    expect.stringMatching(
      /^policy default@[0-9a-f]{12}: 2 constraints, 2 rules, 0 domains; large at complexity .*: ok$/,
    ),
    'policy default: `pii-stays-local` lets go unread: image, audio, video, file, token_ids, remote_state, foreign_part, opaque_body',
  ]);
});

test('a policy without budget conditions has no budget notice', () => {
  const { lines, problems } = check({ policy: 'observe' });
  expect(problems).toEqual([]);
  expect(lines).toEqual([
    expect.stringContaining('configuration'),
    expect.stringMatching(/^policy observe@[0-9a-f]{12}: .*: ok$/),
    expect.stringMatching(/^policy observe: `pii-stays-local` lets go unread: image/),
  ]);
});

test('a configuration is checked together with the policy it names', () => {
  const { lines, problems } = check({ config: 'smallfirst.yaml' }, { KEY: 'k' });
  expect(problems).toEqual([]);
  expect(lines.join('\n')).toContain('upstreams tiny, big');
  expect(lines.join('\n')).toMatch(/policy mine@/);
});

test('a policy that there is not is named where it is written', () => {
  put(
    'named.yaml',
    "policy: defualt\nauth: { mode: keys, keys: [{ name: bot, key: '${KEY}', policy: other }] }\n",
  );
  const { problems } = check({ config: 'named.yaml' }, { KEY: 'a-key-of-a-good-length' });
  expect(problems).toEqual([
    'named.yaml:1:9  no shipped policy is called `defualt`, and it is not a path such as ./my-policy.yaml; did you mean `default`?',
    expect.stringMatching(/^named\.yaml:2:\d+ {2}no shipped policy is called `other`.*possible/),
  ]);
});

test('nothing is started or written', () => {
  const before = readdirSync(folder);
  check({ config: 'smallfirst.yaml' }, { KEY: 'k' });
  expect(readdirSync(folder)).toEqual(before);
});

test('mistakes in both files are reported in one run', () => {
  put('bad.yaml', 'server: { prot: 1 }\n');
  put('bad-policy.yaml', 'name: bad\nobjective: { complexityBelow: 0.5 }\nmoed: on\n');
  const { problems } = check({ config: 'bad.yaml', policy: 'bad-policy.yaml' });
  expect(problems).toEqual([
    'bad.yaml:1:11  unknown key `prot`; did you mean `port`?',
    `${join(folder, 'bad-policy.yaml')}:3:1  unknown key \`moed\`; did you mean \`mode\`?`,
  ]);
});

test("with an invalid configuration the policy's upstreams are not checked", () => {
  put('bad.yaml', 'server: { prot: 1 }\n');
  expect(check({ config: 'bad.yaml', policy: 'mine.yaml' }).problems).toHaveLength(1);
});

test('a budget may name a key that only Postgres knows', () => {
  const store = 'store: { kind: postgres, url: "${R}" }';
  put('shared.yaml', `${store}\nbudgets: [{ name: b, scope: { key: bot }, usd: 1, per: day }]\n`);
  expect(check({ config: 'shared.yaml' }, { R: 'postgres://x' }).problems).toEqual([]);
});

test('a policy is checked against the configured upstreams', () => {
  put(
    'other.yaml',
    'name: other\nobjective: { complexityBelow: 0.5 }\ntargets: { large: { upstream: bgi } }\n',
  );
  const { problems } = check({ config: 'smallfirst.yaml', policy: 'other.yaml' }, { KEY: 'k' });
  expect(problems.join()).toContain('3:31  no upstream is called `bgi`; did you mean `big`?');
});

test('cases are run, and each that is decided differently is reported at its position', () => {
  put(
    'cases.yaml',
    `policy: mine.yaml
threshold: 0.5
cases:
  - { name: easy, readings: { complexity: 0.1 }, snapshot: { upstreams: { tiny: {}, big: { locality: cloud } } }, expect: { targets: [tiny, big] } }
  - name: hard
    readings: { complexity: 0.9 }
    snapshot: { upstreams: { tiny: {}, big: { locality: cloud } } }
    expect: { targets: [tiny], rule: objective }
`,
  );
  const { lines, problems } = check(
    { config: 'smallfirst.yaml', cases: 'cases.yaml' },
    { KEY: 'k' },
  );
  expect(lines.at(-1)).toBe('cases cases.yaml: 1 of 2 decided as written');
  expect(problems).toEqual([
    'cases.yaml:8:13  case "hard": targets should be [tiny], is [big, tiny] (objective: complexity 0.90 is at or above 0.50)',
  ]);
});

test('mistakes in a case file are explained', () => {
  put(
    'typo.yaml',
    'policy: default\nthreshold: 0.5\ncases:\n  - { name: a, redings: { pii: 1 }, expect: {} }\n',
  );
  expect(check({ cases: 'typo.yaml' }).problems).toEqual([
    'typo.yaml:4:16  unknown key `redings`; did you mean `readings`?',
  ]);
  expect(check({ cases: 'nope.yaml' }).problems).toEqual([
    'nope.yaml  this file of cases cannot be read',
  ]);
});
