import { describe, expect, test } from 'vitest';
import {
  facts,
  policy,
  routed,
  situation,
  snapshot,
  upstreamsOf as upstreams,
  when,
} from '../../test/support/policy.ts';
import { decide } from './decide.ts';

describe('a conversation', () => {
  const onLarge = { tier: 'large', upstream: 'cloud', model: 'big' } as const;
  const onSmall = { tier: 'small', upstream: 'local', model: 'slm' } as const;
  const at = (complexity: number, thread: typeof onLarge | typeof onSmall, over = {}) =>
    decide(
      routed,
      situation(complexity, { snapshot: snapshot({ thread }), facts: facts(over) }),
      policy(),
    );

  test('goes up as soon as a turn needs it', () => {
    expect(at(0.5, onSmall)).toMatchObject({ rule: 'objective', wanted: 'large' });
  });

  test('does not come down for a turn just below the threshold', () => {
    expect(at(0.4, onLarge)).toMatchObject({ rule: 'thread', wanted: 'large' });
  });

  test('comes down for one well below it', () => {
    expect(at(0.2, onLarge)).toMatchObject({ rule: 'objective', wanted: 'small' });
  });

  test('needs a lower score to come down, the longer it is', () => {
    expect(at(0.2, onLarge, { inputTokens: 8000 })).toMatchObject({ rule: 'thread' });
    expect(at(0.1, onLarge, { inputTokens: 8000 })).toMatchObject({ rule: 'objective' });
  });

  test.each([
    [1, onSmall, 'small'],
    [0, onLarge, 'large'],
  ] as const)('in a tool loop at complexity %d stays where it is', (complexity, thread, wanted) => {
    expect(at(complexity, thread, { isToolLoop: true })).toMatchObject({ rule: 'thread', wanted });
  });

  test('never keeps a local-only request in the cloud', () => {
    const held = policy({
      constraints: [
        { name: 'stays-local', when: when('true', () => true), require: { locality: 'local' } },
      ],
    });
    const looping = situation(1, {
      snapshot: snapshot({ thread: onLarge }),
      facts: facts({ isToolLoop: true }),
    });
    expect(upstreams(decide(routed, looping, held))).toEqual(['local']);
  });
});
