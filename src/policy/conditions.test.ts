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
