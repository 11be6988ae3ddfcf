import { expect, test } from 'vitest';
import { situation, snapshot } from '../../test/support/policy.ts';
import { conditions } from './conditions.ts';
import { celName, vocabulary } from './vocabulary.ts';

const KNOWN = {
  signals: ['complexity', 'pii', 'code'],
  upstreams: ['local', 'cloud', 'my-gpu'],
  domains: ['legal', 'password-reset'],
};
const compile = conditions(KNOWN);

test('every name of the vocabulary can be used, and has a description', () => {
  const sample = {
    number: '>= 0',
    text: '!= "x"',
    truth: '== true',
    texts: '== []',
    labels: '== {}',
  };
  for (const { path, type, about, values } of vocabulary(KNOWN)) {
    const compared = type === 'text' && values ? `!= "${values[0]}"` : sample[type];
    const source = path[0] === 'domain' ? 'domain == ""' : `${celName(path)} ${compared}`;
    expect(compile(source), source).toMatchObject({ ok: true });
    expect(about.length).toBeGreaterThan(8);
  }
});

test.each([
  [undefined, ''],
  ['small', 'small'],
  ['large', 'large'],
  ['pinned', ''],
] as const)('the tier of a conversation that %s answered last is %j', (tier, said) => {
  const place = tier && { tier, upstream: 'local', model: 'm', locality: 'local' as const };
  const given = situation(0.5, { snapshot: snapshot(place && { thread: place }) });
  const fact = vocabulary(KNOWN).find(({ path }) => path.join('.') === 'conversation.tier');
  expect(fact?.read(given)).toBe(said);
});

test('names that would break the CEL library are left out', () => {
  const odd = conditions({ ...KNOWN, upstreams: ['constructor', '__proto__', 'local'] });
  expect(odd('upstreams.local.healthy').ok).toBe(true);
});
