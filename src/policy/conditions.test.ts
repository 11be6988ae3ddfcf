import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Situation } from '../core/policy.ts';
import { abstain, score, type Reading, type Readings } from '../core/signal.ts';
import { conditions } from './conditions.ts';

const KNOWN = {
  signals: ['complexity', 'pii', 'code'],
  upstreams: ['local', 'cloud', 'my-gpu'],
  domains: ['legal', 'password-reset'],
};
const compile = conditions(KNOWN);

const NOON_ON_A_MONDAY = Date.UTC(2026, 10, 23, 12, 34);

const upstream = { configured: true, healthy: true, queueDepth: 0, model: 'm', models: [] };

function situation(
  change: { facts?: Partial<Situation['facts']>; readings?: Readings; snapshot?: object } = {},
): Situation {
  return {
    facts: {
      operation: 'chat',
      stream: false,
      inputTokens: 120,
      inputTokensSource: 'counted',
      turns: 1,
      messages: 2,
      tools: 2,
      toolResults: 0,
      images: 0,
      jsonSchema: false,
      maxTokens: 0,
      n: 1,
      needs: ['tools'],
      ...change.facts,
    },
    readings: {
      complexity: score(0.4, ''),
      pii: score(0, ''),
      code: abstain('late', 'deadline'),
      language: score(0.9, '', 'es'),
      domain: score(0.8, '', 'legal'),
      ...change.readings,
    },
    snapshot: {
      upstreams: {
        local: { ...upstream, locality: 'local', contextTokens: 4096, capabilities: new Set() },
        'my-gpu': { ...upstream, locality: 'local', ttftMs: 80, capabilities: new Set() },
      },
      key: { name: 'bot', labels: { team: 'billing' } },
      budget: { spentShare: 0.25 },
      nowMs: NOON_ON_A_MONDAY,
      ...change.snapshot,
    },
  };
}

function holds(source: string, given = situation()): boolean {
  const result = compile(source);
  if (!result.ok) throw new Error(`does not compile: ${result.mistake.message}`);
  return result.condition.holds(given);
}

function mistake(source: string): string {
  const result = compile(source);
  return result.ok ? 'no mistake' : `${result.mistake.offset}: ${result.mistake.message}`;
}

test.each([
  'request.tools == 2',
  'request.tools != 3',
  '2 == request.tools',
  'request.tools > 0 && signals.complexity >= 0.3',
  'request.tools >= 2.0',
  'signals.complexity > 0',
  'signals.complexity <= 1',
  'request.tools in [1, 2]',
  'request.tools in [1.5, 2.0]',
  '!(request.tools in [3, 4])',
  'size(request.needs) == 1',
  'request.inputTokens / 2 == 60',
  'request.inputTokens * 1.5 > 100',
  '2 * request.inputTokens + 1 == 241',
  'request.inputTokens - 0.5 < 120',
  'request.inputTokens % 50 == 20',
  'request.inputTokens % 50.0 == 20.0',
  '1000 / request.inputTokens > 8',
  '(signals.complexity > 0.3 ? 1.0 : 0.0) + signals.pii > 0.9',
])('integers and decimals can be mixed: %s', (source) => {
  expect(holds(source)).toBe(true);
});

test.each([
  'request.language == "es"',
  'request.language in ["es", "pt"]',
  'request.operation == "chat"',
  '"tools" in request.needs',
  '!request.stream && !request.jsonSchema',
  'domain == "legal"',
  'domain in ["legal", "password-reset"]',
  'key.name == "bot"',
  'key.labels.team == "billing"',
  '"team" in key.labels && !("region" in key.labels)',
  'key.name.startsWith("bo")',
  'budget.spentShare < 1',
  'upstreams.local.healthy && upstreams.local.queueDepth == 0',
  'upstreams["my-gpu"].ttftMs < 100',
  'upstreams.local.contextTokens >= 4096',
  'upstreams.local.locality == "local"',
  'has(upstreams.local.contextTokens) && !has(upstreams.local.ttftMs)',
  'has(signals.pii) && !has(signals.code)',
  'time.hour == 12 && time.minute == 34 && time.weekday == 1',
  'time.day == 23 && time.month == 11',
  'time.epoch > 1700000000',
])('holds: %s', (source) => {
  expect(holds(source)).toBe(true);
});

describe('a missing fact is never taken for a value', () => {
  test.each([
    'signals.code >= 0.0',
    'signals.code < 0.5',
    '!(signals.code >= 0.5)',
    'upstreams.local.ttftMs >= 0',
    'upstreams.cloud.healthy',
    'energy.gridGramsPerKwh < 100',
    'key.labels.region == "eu"',
  ])('%s throws', (source) => {
    expect(() => holds(source)).toThrow();
  });

  test('a language that was not recognised throws', () => {
    const given = situation({ readings: { language: abstain('too short') } });
    expect(() => holds('request.language == "es"', given)).toThrow();
    expect(() => holds('request.language != "es"', given)).toThrow();
  });

  test('one operand of && and || can decide alone', () => {
    expect(holds('signals.code >= 0.5 || request.tools > 0')).toBe(true);
    expect(holds('signals.code >= 0.5 && request.tools > 5')).toBe(false);
    expect(() => holds('signals.code >= 0.5 || request.tools > 5')).toThrow();
  });

  test('a message of no domain has the empty domain; with a failed domain signal the domain is missing', () => {
    const none = situation({ readings: { domain: abstain('like none of the examples') } });
    expect(holds('domain == ""', none)).toBe(true);
    expect(holds('domain == "legal"', none)).toBe(false);
    const failed = situation({ readings: { domain: abstain('threw', 'failed') } });
    expect(() => holds('domain == "legal"', failed)).toThrow();
  });

  test('what is at stake is named, none where that is little, and missing where the signal failed', () => {
    const of = (stakes: Reading) => situation({ readings: { stakes } });
    const isMedical = 'stakes.kind == "medical"';
    expect(holds(isMedical, of(score(0.9, 'given', 'medical')))).toBe(true);
    expect(holds(isMedical, of(score(0.9, 'given', 'legal')))).toBe(false);
    expect(holds('stakes.kind == "none"', of(score(0, 'given')))).toBe(true);
    expect(() => holds(isMedical, of(abstain('threw', 'failed')))).toThrow();
  });
});

test.each([
  [
    'signals.complexty >= 0.5',
    '8: unknown name `signals.complexty`; did you mean `signals.complexity`?',
  ],
  [
    'request.inputTokenz > 3',
    '8: unknown name `request.inputTokenz`; did you mean `request.inputTokens`?',
  ],
  ['inputTokens > 3', '0: unknown name `inputTokens`; did you mean `request.inputTokens`?'],
  ['requst.tools > 3', '0: unknown name `requst`; did you mean `request`?'],
  [
    'true || upstreams.locl.healthy',
    '18: unknown name `upstreams.locl`; did you mean `upstreams.local`?',
  ],
  [
    'upstreams["my-gpo"].healthy',
    '10: unknown name `upstreams["my-gpo"]`; did you mean `upstreams["my-gpu"]`?',
  ],
  [
    'budget.x > 1',
    '7: unknown name `budget.x`; possible: `budget.spentShare`, `budget.leftUsd`, `budget.pace`',
  ],
  [
    'request.tools',
    '0: a condition must be true or false, and this is a number: compare it, as in `… >= 0.5`',
  ],
  [
    'request.language',
    '0: a condition must be true or false, and this is a text: compare it, as in `… == "en"`',
  ],
  ['request.language > 3', '0: `>` cannot be used between a text and a number'],
  [
    'signals > 3',
    '0: `>` cannot be used between all of `signals` (name one of its members) and a number',
  ],
  ['domain == "leagl"', '10: this policy has no domain `leagl`; did you mean `legal`?'],
  [
    'domain in ["legal", "x"]',
    '20: this policy has no domain `x`; possible: `legal`, `password-reset`',
  ],
  ['request.kind == "titel"', '16: `request.kind` is never `titel`; did you mean `title`?'],
  [
    '"medicine" == stakes.kind',
    '0: `stakes.kind` is never `medicine`; possible: `none`, `medical`, `self-harm`, `legal`, `money`, `security`, `production`',
  ],
  ['"imge" in request.unread', '0: `request.unread` is never `imge`; did you mean `image`?'],
  ['!("visoin" in request.needs)', '2: `request.needs` is never `visoin`; did you mean `vision`?'],
  [
    'upstreams["my-gpu"].locality == "lcoal"',
    '32: `upstreams["my-gpu"].locality` is never `lcoal`; did you mean `local`?',
  ],
  [
    'has(upstreams["local"].ttftMs)',
    '14: has() invalid argument: `has` takes a dotted name, as in `has(signals.pii)`',
  ],
  ['siez(domain) > 3', '0: unknown function `siez`; did you mean `size`?'],
])('%s is explained', (source, expected) => {
  expect(mistake(source)).toBe(expected);
});

test.each([
  ['request.tools > 0 and signals.pii > 0', '`&&`'],
  ['request.tools > 0 or signals.pii > 0', '`||`'],
  ['not request.stream', '`!`'],
  ['request.tools = 2', '`==`'],
  ['request.tools <> 2', '`!=`'],
  ['signals.pii >= .5', '`0.5`'],
  ['request.tools >', 'not a valid condition'],
  ['', 'not a valid condition'],
])('the operators of other languages are explained: %s', (source, advice) => {
  expect(mistake(source)).toContain(advice);
});

test('CEL compares numbers as JavaScript does', () => {
  const number = fc.oneof(
    fc.integer({ min: -1000, max: 1000 }),
    fc.float({ min: 0, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(number, fc.integer({ min: 0, max: 1000 }), (limit, tokens) => {
      const literal = Number.isInteger(limit) ? limit : limit.toFixed(6);
      const given = situation({ facts: { inputTokens: tokens } });
      expect(holds(`request.inputTokens >= ${literal}`, given)).toBe(tokens >= Number(literal));
      expect(holds(`request.inputTokens == ${literal}`, given)).toBe(tokens === Number(literal));
      expect(holds(`request.inputTokens in [${literal}]`, given)).toBe(tokens === Number(literal));
    }),
    { numRuns: 100 },
  );
});

test('any text compiles or gives a mistake at a position inside it, and never throws', () => {
  const piece = fc.constantFrom(
    'request.',
    'signals.',
    'pii',
    'tools',
    'domain',
    'upstreams',
    '["x"]',
    ' ',
    '&&',
    '||',
    '!',
    '==',
    '>',
    '(',
    ')',
    '0.5',
    '1',
    '"a"',
    "'",
    '\n',
    '?',
    ':',
    '[',
    ']',
    '{',
    '}',
    'has(',
    '.map(x, x)',
    '\\',
    'é',
    '\u0000',
    '- ',
    'in ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const source = pieces.join('');
      const result = compile(source);
      if (result.ok) return;
      expect(result.mistake.offset).toBeGreaterThanOrEqual(0);
      expect(result.mistake.offset).toBeLessThanOrEqual(source.length);
      expect(result.mistake.message).not.toMatch(/\n|\bat .*\(|undefined|\[object/);
    }),
    { numRuns: 500 },
  );
});
