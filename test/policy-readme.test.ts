/** `policies/README.md` is the reference of the language: whatever it shows must be so. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decide } from '../src/engine/decide.ts';
import { surelyWrittenIn } from '../src/signals/language/shipped.ts';
import { draftChecker } from '../src/verify/check-draft.ts';
import { formatProblem, ProblemsError } from '../src/lib/problems.ts';
import { loadCases } from '../src/policy/cases.ts';
import { loadPolicy } from '../src/policy/load.ts';
import { shippedPolicies, withBases } from '../src/policy/shipped.ts';
import { vocabulary, celName } from '../src/policy/vocabulary.ts';
import { thresholdFor } from '../src/assembly/threshold.ts';
import { createSignals, signalNames } from '../src/signals/index.ts';

const checkDraft = draftChecker(surelyWrittenIn());

const text = readFileSync('policies/README.md', 'utf8');
const blocks = [...text.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map(([, kind, body]) => ({
  kind: kind ?? '',
  body: body ?? '',
}));
const ofKind = (wanted: string): readonly string[] =>
  blocks.flatMap(({ kind, body }) => (kind === wanted ? [body] : []));

/** Most examples show one key: the others are added. */
function whole(example: string): string {
  const name = /^name:/m.test(example) ? '' : 'name: example\n';
  const objective = /^objective:/m.test(example) ? '' : 'objective: { quality: 0.95 }\n';
  return `${name}${objective}${example}`;
}

const load = (policy: string, file = 'example.yaml') =>
  loadPolicy(withBases({ text: policy, file }), {
    upstreams: {},
    signals: signalNames,
    thresholdFor,
  });

test.each(ofKind('yaml').map((example) => [example]))('this example loads:\n%s', (example) => {
  expect(load(whole(example)).name).toMatch(/^(example|mine)$/);
});

test('every key of the language has an example', () => {
  const shown = ofKind('yaml').join('\n');
  for (const key of Object.keys(load(whole('')))) {
    if (key === 'version' || key === 'threshold') continue;
    expect(shown).toMatch(new RegExp(`^${key}:`, 'm'));
  }
});

test('the mistakes are answered as shown', () => {
  const answers = ofKind('yaml mistakes').map((policy) => {
    try {
      return load(policy, 'mine.yaml').name;
    } catch (error) {
      return error instanceof ProblemsError ? `${error.message}\n` : error;
    }
  });
  expect(answers).toEqual(ofKind('text'));
});

test('the golden cases hold for the policy above them', () => {
  const policy = ofKind('yaml').find((example) => example.includes('name: mine'));
  for (const example of ofKind('yaml cases')) {
    const cases = loadCases({ text: example, file: 'cases.yaml' });
    const given = { upstreams: {}, signals: signalNames };
    const threshold = { value: cases.threshold, from: 'the cases' };
    const mine = loadPolicy(
      { text: policy ?? '', file: 'mine.yaml' },
      { ...given, thresholdFor: () => threshold },
    );
    expect(cases.run(mine, decide, checkDraft).map(formatProblem)).toEqual([]);
  }
});

test.each([
  ['support', '\nmodes:', 3],
  ['masking', 'redact: all', 5],
  ['unread content', 'letUnread: [image, audio]', 2],
])('the golden cases of %s hold for the example above them', (of, mark, count) => {
  const example = ofKind('yaml').find((each) => each.includes(mark)) ?? '';
  const [given = ''] = ofKind(`yaml cases of ${of}`);
  const cases = loadCases({ text: given, file: 'cases.yaml' });
  const policy = loadPolicy(
    { text: whole(example), file: 'example.yaml' },
    {
      upstreams: {},
      signals: signalNames,
      thresholdFor: () => ({ value: cases.threshold, from: 'the cases' }),
    },
  );
  expect(cases.count).toBe(count);
  expect(cases.run(policy, decide, checkDraft).map(formatProblem)).toEqual([]);
});

test('the table of names is the one that conditions are checked against', () => {
  const about = new Map(
    createSignals({ domains: [] }).map((signal) => [signal.name, signal.about]),
  );
  const rows = vocabulary({ signals: signalNames, upstreams: ['local'] }).map(
    ({ path, ...fact }) => {
      const says = path[0] === 'signals' ? (about.get(path[1] ?? '') ?? '') : fact.about;
      return `| \`${celName(path)}\` | ${fact.type} | ${says} |`;
    },
  );
  const table = ['| name | type | meaning |', '|---|---|---|', ...rows].join('\n');
  expect(text).toContain(`<!-- names -->\n${table}\n<!-- /names -->`);
});

describe('the policies that ship', () => {
  test.each(shippedPolicies())('%s is in the table', (name) => {
    expect(text).toContain(`| [\`${name}\`](${name}.yaml) |`);
  });

  test('and the table has no other', () => {
    const listed = [...text.matchAll(/^\| \[`([\w-]+)`\]/gm)].map(([, name]) => name);
    expect(new Set(listed)).toEqual(new Set(shippedPolicies()));
  });
});
