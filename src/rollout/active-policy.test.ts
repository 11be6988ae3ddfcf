import { expect, test } from 'vitest';
import { fakeUpstream } from '../../test/support/fake-upstream.ts';
import { readPolicy } from '../policy/read.ts';
import { learnDomains } from '../signals/domain/learn.ts';
import { settingsOf } from '../signals/index.ts';
import { activePolicies, type PolicyWork } from './active-policy.ts';

const text = (name: string, example = 'where is my parcel') => `name: ${name}
objective: { complexityBelow: 0.5 }
domains: [{ name: parcel, use: small, examples: [${example}] }]
rules: [{ name: all, when: 'request.tools > 0', use: large }]
`;

/** Policies whose work is counted, and waits until it is let go on. */
function counted() {
  const done: string[] = [];
  const work: PolicyWork = {
    read: async (source, names) => {
      done.push('read');
      return readPolicy(source, names);
    },
    learn: async (domains) => {
      done.push('learn');
      return learnDomains(domains);
    },
  };
  const policies = activePolicies(
    { text: text('first'), file: 'p.yaml' },
    new Map([['local', fakeUpstream('local')]]),
    { thresholdFor: () => ({ value: 0.4, from: 'test' }), work },
  );
  return { policies, done };
}

const source = (...given: Parameters<typeof text>) => ({ text: text(...given), file: 'q.yaml' });

test('whoever checks, reads or compiles a policy has it read elsewhere, once', async () => {
  const { policies, done } = counted();
  const checked = await policies.check(source('second'));
  expect(checked).toMatchObject({ name: 'second' });
  expect(done.splice(0)).toEqual(['read']);
  expect((await policies.read(source('second'))).version).toBe(checked.version);
  expect(done.splice(0)).toEqual(['read']);
});

test('domains are learned elsewhere, and those in force not again', async () => {
  const { policies, done } = counted();
  const same = await policies.compile(source('second'));
  expect(done.splice(0)).toEqual(['read']);
  expect(same.signals).toBe(policies.current().signals);
  const other = await policies.compile(source('third', 'I forgot my password'));
  expect(done.splice(0)).toEqual(['read', 'learn']);
  expect(other.signals).not.toBe(same.signals);
  policies.swap(other);
  expect(settingsOf(other.signals)?.tables?.documents).toBeGreaterThan(1);
});

test('what is wrong with it is told by all of them', async () => {
  const { policies } = counted();
  const wrong = { text: `${text('a')}\nmode: always\n`, file: 'q.yaml' };
  for (const ask of [policies.check, policies.read, policies.compile])
    await expect(ask(wrong)).rejects.toThrow('`mode` must be');
});
