import { describe, expect, test } from 'vitest';
import {
  facts,
  policy,
  routed,
  situation,
  snapshot,
  upstreamsOf,
  upstreamState,
  when,
} from '../../test/support/policy.ts';
import type { Snapshot } from '../core/decision.ts';
import type { Policy, Situation } from '../core/policy.ts';
import { abstain, score, type Reading } from '../core/signal.ts';
import { decide } from './decide.ts';

interface Given extends Partial<Pick<Situation, 'facts'>> {
  readonly language?: Reading;
  readonly small?: readonly string[];
  readonly large?: readonly string[];
  readonly more?: Partial<Snapshot>;
}

const HINDI = score(0.95, 'written in hi', 'hi');

/** An easy request in Hindi, and a small model that was made for English. */
const asked = ({ language = HINDI, small = ['en'], large, more, ...over }: Given = {}) => {
  const easy = situation(0.1);
  return {
    ...easy,
    ...over,
    readings: { ...easy.readings, language },
    snapshot: snapshot({
      upstreams: {
        local: upstreamState('local', { languages: small }),
        cloud: upstreamState('cloud', large && { languages: large }),
      },
      ...more,
    }),
  };
};

const localOnly = { name: 'stays', when: when('true', () => true), require: { locality: 'local' } };
const decided = (given: Given, over: Partial<Policy> = {}) =>
  decide(routed, asked(given), policy(over));

test('what the small model was not made for goes to the large one, which says why', () => {
  const decision = decided({});
  expect(decision).toMatchObject({
    rule: 'other-language',
    reason: 'the request is in hi; the small model, local, was made for en',
    wanted: 'large',
    excluded: [],
  });
  expect(decision).not.toHaveProperty('degraded');
  expect(upstreamsOf(decision)).toEqual(['cloud', 'local']);
});

test.each<readonly [why: string, given: Given]>([
  ['it was made for it', { small: ['en', 'hi'] }],
  ['the language is not sure', { language: score(0.8, 'written in hi', 'hi') }],
  ['the language is not known', { language: abstain('too short to tell') }],
  ['the large model was not made for it, either', { large: ['en', 'de'] }],
  ['it is in the middle of a tool loop', { facts: facts({ isToolLoop: true }) }],
])('the small model is asked where %s', (_, given) => {
  expect(upstreamsOf(decided(given))[0]).toBe('local');
});

test('nothing is known of another model than the upstream’s own', () => {
  const targets = { small: { upstream: 'local', model: 'other' }, large: { upstream: 'cloud' } };
  expect(upstreamsOf(decided({}, { targets }))[0]).toBe('local');
});

describe('whoever chose the small model gets it', () => {
  test('the caller', () => {
    const ask = { kind: 'tier', tier: 'small' } as const;
    expect(upstreamsOf(decide(ask, asked(), policy()))[0]).toBe('local');
  });

  test('a rule of the policy', () => {
    const rules = [{ name: 'easy', when: when('true', () => true), use: ['small'] as const }];
    expect(upstreamsOf(decided({}, { rules }))[0]).toBe('local');
  });

  test('a domain of the policy: a task that the small model is known to do', () => {
    const domains = [{ name: 'parcel', examples: ['where is it'], use: 'small' as const }];
    const inDomain = asked();
    const readings = { ...inDomain.readings, domain: score(0.9, 'like it', 'parcel') };
    const decision = decide(routed, { ...inDomain, readings }, policy({ domains }));
    expect(decision.rule).toBe('domain:parcel');
    expect(upstreamsOf(decision)[0]).toBe('local');
  });
});

describe('where only the small model may or can answer, it does', () => {
  test('a request that must stay on this machine', () => {
    const decision = decided({}, { constraints: [localOnly] } as Partial<Policy>);
    expect(decision).toMatchObject({ rule: 'stays' });
    expect(upstreamsOf(decision)).toEqual(['local']);
  });

  test('without a cloud', () => {
    const cloud = upstreamState('cloud', { configured: false });
    const local = upstreamState('local', { languages: ['en'] });
    const decision = decided({ more: { upstreams: { local, cloud } } });
    expect(decision).toMatchObject({ rule: 'other-language', degraded: 'cloud-unconfigured' });
    expect(upstreamsOf(decision)).toEqual(['local']);
  });
});
