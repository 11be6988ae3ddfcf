import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Objective } from '../core/policy.ts';
import { loadPolicy, type PolicyContext } from './load.ts';
import { PolicyError } from './read.ts';
import { policyJsonSchema } from './schema.ts';
import { findPolicy, shippedPolicies } from './shipped.ts';

const context: PolicyContext = {
  upstreams: {
    local: { locality: 'local', model: 'small-model' },
    cloud: { locality: 'cloud', model: 'large-model' },
    gpu: { locality: 'local', model: 'mid-model' },
  },
  signals: ['complexity', 'pii', 'code', 'maths', 'language', 'domain', 'stakes'],
  thresholdFor: (objective: Objective) => ({ value: 0.5, from: JSON.stringify(objective) }),
};

const load = (text: string, given = context) => loadPolicy({ text, file: 'p.yaml' }, given);

/** The problems of a policy, as `check` prints them. */
function problems(text: string, given = context): readonly string[] {
  try {
    load(text, given);
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.message.split('\n');
    throw error;
  }
}

const MINIMAL = 'name: mine\nobjective: { quality: 0.95 }\n';

test('a policy needs a name and an objective; the rest has defaults', () => {
  expect(load(MINIMAL)).toMatchObject({
    name: 'mine',
    mode: 'on',
    objective: { quality: 0.95 },
    threshold: { value: 0.5, from: '{"quality":0.95}' },
    targets: { small: { upstream: 'local' }, large: { upstream: 'cloud' } },
    domains: [],
    constraints: [],
    rules: [],
    whenUnavailable: { large: 'serve-small', credentials: 'refuse' },
  });
});

test.each([
  ['mode: observe', 'observe'],
  ['mode: { canary: 0.1 }', { canary: 0.1 }],
  ['mode: shadow', { shadow: 0.1 }],
  ['mode: { shadow: 0.5 }', { shadow: 0.5 }],
  ['mode: "shadow: 0.25"', { shadow: 0.25 }],
  ['mode: "canary: 0.25"', { canary: 0.25 }],
  ['mode:\n  canary: 1', { canary: 1 }],
])('%s', (line, mode) => {
  expect(load(`${MINIMAL}${line}\n`).mode).toEqual(mode);
});

describe('modes for some keys', () => {
  const withModes = (when: string): string =>
    `${MINIMAL}modes: [{ when: '${when}', mode: { canary: 0.5 } }]\n`;

  test('are conditions and modes, in order', () => {
    expect(load(withModes('key.labels.team == "support"')).modes).toMatchObject([
      { when: { source: 'key.labels.team == "support"' }, mode: { canary: 0.5 } },
    ]);
  });

  test.each([
    ['request.inputTokens > 5', '3:18  `request` cannot be used here'],
    ['key.name == "a" && signals.pii > 0.5', '3:37  `signals` cannot be used here'],
    ['domain == ""', 'a mode depends on `key` only; write a rule instead'],
    ['key.label == "a"', 'unknown name `key.label`; did you mean `key.labels`?'],
  ])('may use the key only: %s', (when, problem) => {
    expect(problems(withModes(when))).toEqual([expect.stringContaining(problem)]);
  });
});

test('guards have a window and a minimum number of requests', () => {
  expect(load(`${MINIMAL}guards: { errorRate: 0.05 }\n`).guards).toEqual({
    errorRate: 0.05,
    windowMinutes: 10,
    minRequests: 50,
  });
});

test('`use` is one tier or an order of preference', () => {
  const rules = `rules:
  - { name: a, when: "request.tools > 0", use: large }
  - { name: b, when: "request.tools > 1", use: [small, large] }
`;
  expect(load(MINIMAL + rules).rules.map(({ use }) => use)).toEqual([
    ['large'],
    ['small', 'large'],
  ]);
});

describe('the version', () => {
  test('is 12 hex digits that change with the text', () => {
    expect(load(MINIMAL).version).toMatch(/^[0-9a-f]{12}$/);
    expect(load(MINIMAL).version).not.toBe(load(MINIMAL.replace('0.95', '0.9')).version);
  });

  test('ignores line ends and trailing blanks', () => {
    const windows = `\uFEFF${MINIMAL.replaceAll('\n', '  \r\n')}\r\n`;
    expect(load(windows).version).toBe(load(MINIMAL).version);
  });
});

test('every problem of a file is reported at once, in reading order, with its position', () => {
  expect(
    problems(`name: x
mode: onn
objetive: { quality: 1 }
targets:
  small: { upstream: locl }
constraints:
  - { name: a, when: "signals.complexty > 0", require: { locality: locl } }
  - name: b
    when: >
      signals.pii > 0
      && request.inputTokenz > 3
    require: { locality: local, x: 1 }
rules:
  - { name: caller, when: 'request.tools', use: lareg }
`),
  ).toEqual([
    'p.yaml:1:1  `objective` is missing: it must have exactly one of `quality`, `largeShare`, `complexityBelow`, `worseThanLarge`, each from 0 to 1: `{ quality: 0.95 }`',
    'p.yaml:2:7  `mode` must be `off`, `observe`, `shadow`, `on` or `canary: 0.1` (a share from 0 to 1; `shadow: 0.1` likewise)',
    'p.yaml:3:1  unknown key `objetive`; did you mean `objective`?',
    'p.yaml:5:22  no upstream is called `locl`; did you mean `local`?',
    'p.yaml:7:31  unknown name `signals.complexty`; did you mean `signals.complexity`?',
    'p.yaml:7:68  `constraints[0].require.locality` must be one of `local`, `cloud`; did you mean `local`?',
    'p.yaml:11:18  unknown name `request.inputTokenz`; did you mean `request.inputTokens`?',
    'p.yaml:12:33  unknown key `x`; possible: `locality`',
    'p.yaml:14:13  `caller` is a name that the gateway itself records as the rule; choose another one',
    'p.yaml:14:28  a condition must be true or false, and this is a number: compare it, as in `… >= 0.5`',
    'p.yaml:14:49  `rules[0].use` must be `small`, `large`, or a list of both in order of preference: `[large, small]`',
  ]);
});

test('a policy none of whose upstreams is configured could answer nothing', () => {
  const elsewhere = {
    ...context,
    upstreams: { lokal: { locality: 'local', model: 'm' } },
  } as const;
  expect(() => loadPolicy({ text: MINIMAL, file: 'p.yaml' }, elsewhere)).toThrow(
    'neither of its upstreams, `local` and `cloud`, is configured, but `lokal`: give one of them that name',
  );
  const named = `${MINIMAL}targets: { small: { upstream: lokal } }`;
  expect(loadPolicy({ text: named, file: 'p.yaml' }, elsewhere).targets.small.upstream).toBe(
    'lokal',
  );
});

test.each([
  ['', 'the file must be `key: value` entries, not empty'],
  ['- a', 'the file must be `key: value` entries, not a list'],
  ['mode: canary: 0.1', 'not valid YAML: a second `:` on one line'],
  ['name: a\nname: b', 'not valid YAML: Map keys must be unique'],
  ['name: x\n---\nname: y', 'not valid YAML: only one document'],
  [`${MINIMAL}mode: { canary: 1.5 }`, '`mode.canary` must be at most 1'],
  [
    `name: Mine!\nobjective: { quality: 1 }`,
    '`name` must be made of small letters, digits and `-`',
  ],
  [`name: x\nobjective: { quality: 1.2 }`, '`objective.quality` must be at most 1'],
  [`name: x\nobjective: { quality: 1, largeShare: 0.2 }`, 'must have exactly one of'],
  [`${MINIMAL}domains: [{ name: a, examples: [], use: small }]`, 'must have at least 1 entry'],
  [
    `${MINIMAL}rules:\n  - { name: a, when: "true", use: small }\n  - { name: a, when: "true", use: small }`,
    'another of the rules is called `a`',
  ],
  [
    `${MINIMAL}targets: { large: { upstream: gpt } }`,
    'no upstream is called `gpt`; did you mean `gpu`?',
  ],
  [`${MINIMAL}targets: { large: { upstream: azure } }`, 'possible: `local`, `cloud`, `gpu`'],
  [
    `${MINIMAL}constraints: [{ name: c, when: 'signal.pii > 0', require: local, letUnread: [pictures] }]`,
    'letUnread',
  ],
])('%j is refused: %s', (text, message) => {
  expect(problems(text).join('\n')).toContain(message);
});

test('`local` and `cloud` may be named even if they are not configured', () => {
  expect(problems(MINIMAL, { ...context, upstreams: {} })).toEqual([]);
});

test('an objective without a threshold is a problem with a position', () => {
  const given: PolicyContext = {
    ...context,
    thresholdFor: () => {
      throw new Error('the predictor was never measured above 0.99');
    },
  };
  expect(problems(MINIMAL, given)).toEqual([
    'p.yaml:2:12  this objective cannot be used: the predictor was never measured above 0.99',
  ]);
});

test('the position of a mistake is right in every YAML string style', () => {
  const at = (when: string): string =>
    problems(`${MINIMAL}rules:\n  - name: a\n    use: small\n    when: ${when}\n`)[0]?.split(
      '  ',
    )[0] ?? '';
  expect(at('signals.pi > 0')).toBe('p.yaml:6:19');
  expect(at("'signals.pi > 0'")).toBe('p.yaml:6:20');
  expect(at('"signals.pi > 0"')).toBe('p.yaml:6:20');
  expect(at('"\\"x\\" == \\"x\\" && signals.pi > 0"')).toBe('p.yaml:6:38');
  expect(at('|\n      true &&\n      signals.pi > 0')).toBe('p.yaml:8:15');
  expect(at('>-\n      true &&\n      signals.pi > 0')).toBe('p.yaml:8:15');
  expect(at('true &&\n      signals.pi > 0')).toBe('p.yaml:7:15');
});

test.each(shippedPolicies())('the shipped policy %s loads', (name) => {
  const source = findPolicy(name, '.');
  expect(loadPolicy(source, context).name).toBe(name);
});

test('a policy that does not exist is explained', () => {
  expect(() => findPolicy('defualt', '.')).toThrow(/did you mean `default`\?/);
  expect(() => findPolicy('./nowhere.yaml', '/tmp')).toThrow(
    /nowhere.yaml {2}there is no such policy file/,
  );
});

test('`policies/schema.json` is the schema that the loader uses', async () => {
  // After a change to the schema: npx vitest run --config test/vitest.config.ts src/policy -u
  const text = `${JSON.stringify(policyJsonSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../../policies/schema.json');
});

test('a randomly edited policy loads or its problems are listed', () => {
  const text = findPolicy('default', '.').text;
  const cut = fc.record({
    from: fc.nat(text.length),
    length: fc.nat(12),
    insert: fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('\n', ': ', '- ', '{', ']', '"', '&a ', '*a', '\t'),
    ),
  });
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 4 }), (cuts) => {
      let changed = text;
      for (const { from, length, insert } of cuts)
        changed = changed.slice(0, from) + insert + changed.slice(from + length);
      for (const problem of problems(changed)) {
        expect(problem).toMatch(/^p\.yaml:\d+:\d+ {2}\S/);
        expect(problem).not.toMatch(/undefined|\[object|^\s+at /);
      }
    }),
    { numRuns: 300 },
  );
});
