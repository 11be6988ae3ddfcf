import { describe, expect, test } from 'vitest';
import {
  facts,
  policy,
  situation,
  snapshot,
  upstreamState,
  when,
} from '../../test/support/policy.ts';
import type { Target, UpstreamState } from '../core/decision.ts';
import type { Constraint, Situation } from '../core/policy.ts';
import { abstain, score, type RequestFacts } from '../core/signal.ts';
import { exclusionOf, masking } from './exclusions.ts';

const cloud: Target = { tier: 'large', upstream: 'cloud', model: 'big', locality: 'cloud' };
const local: Target = { tier: 'small', upstream: 'local', model: 'slm', locality: 'local' };

const stays = (change: Partial<Constraint> = {}): Constraint => ({
  name: 'private',
  when: when('pii.score > 0', () => true),
  require: { locality: 'local' },
  ...change,
});
const held = (given: Situation, change: Partial<Constraint> = {}) =>
  exclusionOf(cloud, given, policy({ constraints: [stays(change)] }));
const withFacts = (change: Partial<RequestFacts>): Situation =>
  situation(0.1, { facts: facts(change) });
const withCloud = (change: Partial<UpstreamState>, known: Partial<RequestFacts> = {}): Situation =>
  situation(0.1, {
    facts: facts(known),
    snapshot: snapshot({ upstreams: { cloud: upstreamState('cloud', change) } }),
  });

describe('a constraint', () => {
  test('excludes what is elsewhere while it holds, and nothing here', () => {
    expect(held(situation(0.1))).toEqual({
      by: 'constraint',
      name: 'private',
      reason: 'private requires a local upstream: pii.score > 0',
    });
    expect(held(situation(0.1), { when: when('false', () => false) })).toBeUndefined();
    const constraints = [stays()];
    expect(exclusionOf(local, situation(0.1), policy({ constraints }))).toBeUndefined();
  });

  const broken = when('pii.score > 0', () => {
    throw new Error('abstained');
  });

  test('that cannot be evaluated holds, and says what was not read', () => {
    expect(held(situation(0.1), { when: broken })?.reason).toContain('could not be evaluated');
    const unread = withFacts({ unread: ['image'] });
    expect(held(unread, { when: broken })?.reason).toContain(
      'can read what this request holds of image',
    );
  });

  test('that lets go what was not read is decided by what was', () => {
    const reads = when('pii.score > 0', ({ readings: { pii } }) => {
      if (pii?.kind !== 'score') throw new Error('abstained');
      return pii.score > 0;
    });
    const unread = (cause: 'unread' | 'failed'): Situation => ({
      ...withFacts({ unread: ['image'] }),
      readings: { pii: abstain('a picture', cause), complexity: score(0.1, 'given') },
    });
    expect(held(unread('unread'), { when: reads })?.by).toBe('constraint');
    expect(held(unread('unread'), { when: reads, letUnread: ['image'] })).toBeUndefined();
    expect(held(unread('failed'), { when: reads, letUnread: ['image'] })?.by).toBe('constraint');
    expect(held(unread('unread'), { when: reads, letUnread: ['file'] })?.by).toBe('constraint');
  });

  test.each<readonly [string, Partial<RequestFacts>, boolean]>([
    ['text', {}, true],
    ['a body that is not read', { isOpaque: true }, false],
    ['a picture', { images: 1 }, false],
    ['a file', { needs: ['chat', 'files'] }, false],
    ['what nobody read', { unread: ['image'] }, false],
  ])('that masks lets go what can be masked: %s', (_, known, isLet) => {
    const found = held(withFacts(known), { redact: ['email'] });
    expect(found === undefined).toBe(isLet);
  });

  test('of those that hold, all kinds are masked', () => {
    const constraints = [
      stays({ redact: ['email', 'phone'] }),
      stays({ redact: ['email', 'iban'] }),
      stays({ redact: ['person'] as never, when: when('false', () => false) }),
      stays(),
    ];
    expect(masking(situation(0.1), policy({ constraints }))).toEqual(['email', 'phone', 'iban']);
    expect(masking(situation(0.1), policy({ constraints: [stays()] }))).toBeUndefined();
  });
});

describe('money', () => {
  const unpaid = (isCap: boolean): Situation => {
    const short = {
      upstream: 'cloud',
      model: 'big',
      budget: 'team',
      code: 'policy_budget_exceeded',
      reason: 'nothing is left',
    } as const;
    const unaffordable = [isCap ? { ...short, isCap: true as const } : short];
    return situation(0.1, { snapshot: snapshot({ budget: { spentShare: 1, unaffordable } }) });
  };

  test.each([
    [false, 'budget'],
    [true, 'large-cap'],
  ] as const)('that is missing excludes the target (cap: %s)', (isCap, by) => {
    const reason = 'nothing is left';
    expect(exclusionOf(cloud, unpaid(isCap), policy())).toEqual({ by, name: 'team', reason });
    expect(exclusionOf(local, unpaid(isCap), policy())).toBeUndefined();
  });

  test('a constraint about money alone does not hide that, any other does', () => {
    const about = (source: string) => ({ when: when(source, () => true) });
    expect(held(unpaid(false), about('budget.spent_share >= 0.9'))?.by).toBe('budget');
    expect(held(unpaid(false), about('pii.score > 0'))?.by).toBe('constraint');
    expect(held(situation(0.1), about('budget.spent_share >= 0.9'))?.by).toBe('constraint');
  });
});

test('a key is held to its residency and its upstreams', () => {
  const of = (key: object): Situation =>
    situation(0.1, { snapshot: snapshot({ key: { name: 'bot', labels: {}, ...key } }) });
  const home = of({ residency: 'local' });
  expect(exclusionOf(cloud, home, policy())?.reason).toBe("key 'bot' stays on this machine");
  expect(exclusionOf(local, home, policy())).toBeUndefined();
  const one = of({ upstreams: ['local'] });
  expect(exclusionOf(cloud, one, policy())?.reason).toBe("key 'bot' may not use it");
  expect(exclusionOf(local, one, policy())).toBeUndefined();
});

test('a conversation whose state is elsewhere, and what is not configured', () => {
  const bound = situation(0.1, { snapshot: snapshot({ boundTo: 'local' }) });
  expect(exclusionOf(cloud, bound, policy())).toMatchObject({ by: 'state', name: 'local' });
  expect(exclusionOf(local, bound, policy())).toBeUndefined();
  const none = situation(0.1, { snapshot: snapshot({ upstreams: {} }) });
  expect(exclusionOf(cloud, none, policy())?.by).toBe('unconfigured');
});

test('what it is not able to do; token numbers are decoded for embeddings', () => {
  const texts = new Set(['chat', 'embeddings'] as const);
  const asks = (operation: 'chat' | 'embeddings') =>
    withCloud({ capabilities: texts }, { operation, needs: [operation, 'token_input'] });
  expect(exclusionOf(cloud, asks('chat'), policy())).toMatchObject({
    by: 'capability',
    name: 'token_input',
    reason: 'it has no input as token numbers',
  });
  expect(exclusionOf(cloud, asks('embeddings'), policy())).toBeUndefined();
});

test.each<readonly [Partial<RequestFacts>, boolean]>([
  [{ inputTokens: 600 }, true],
  [{ inputTokens: 900 }, false],
  [{ inputTokens: 900, operation: 'passthrough' }, true],
  [{ inputTokens: 900, operation: 'embeddings' }, true],
  [{ inputTokens: 900, longestInputTokens: 100 }, true],
  [{ inputTokens: 600, maxTokens: 1_000_000 }, true],
  [{ inputTokens: 800, maxTokens: 10 }, true],
])('a window of 1000 tokens takes %j: %s', (known, fits) => {
  const given = withCloud({ contextTokens: 1000 }, known);
  expect(exclusionOf(cloud, given, policy())?.by).toBe(fits ? undefined : 'context');
});

test('health: a model of which too much was asked, one that fails, and all of an upstream', () => {
  const of = (state: Partial<UpstreamState>) =>
    exclusionOf(cloud, withCloud(state), policy())?.name;
  expect(of({ limitedModels: ['big'], isShut: true })).toBe('limited');
  expect(of({ shutModels: ['big'] })).toBe('failing');
  expect(of({ isShut: true })).toBe('failing');
  expect(of({ shutModels: ['another'], limitedModels: ['another'] })).toBeUndefined();
});
