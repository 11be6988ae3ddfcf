import { expect, test } from 'vitest';
import { newKeyOf } from './new-key.ts';

test('reads every option', () => {
  const given = {
    name: 'bot',
    role: 'viewer',
    team: 'shop',
    label: 'data=regulated, app=a=b',
    models: 'auto, gpt-4o*',
    upstreams: 'local',
    routes: 'embeddings',
    limit: 'rpm=600,tpm=1000,concurrent=2',
    expires: '90d',
    residency: 'local',
    override: false,
    account: true,
    share: true,
    budget: '50/month',
  };
  expect(newKeyOf(given, 1000)).toEqual({
    name: 'bot',
    role: 'viewer',
    team: 'shop',
    residency: 'local',
    labels: { data: 'regulated', app: 'a=b' },
    models: ['auto', 'gpt-4o*'],
    upstreams: ['local'],
    routes: ['embeddings'],
    limits: { requestsPerMinute: 600, tokensPerMinute: 1000, concurrent: 2 },
    mayOverride: false,
    account: true,
    share: 'team',
    budget: { usd: 50, per: 'month' },
    expiresMs: 1000 + 90 * 86_400_000,
  });
  expect(newKeyOf({ name: 'bot', override: true }, 0)).toEqual({ name: 'bot' });
  expect(newKeyOf({ name: 'bot', expires: '2027-01-31' }, 0)).toEqual({
    name: 'bot',
    expiresMs: Date.UTC(2027, 0, 31),
  });
});

test.each([
  [{ limit: 'rps=3' }, '--limit knows no "rps"; write rpm=, tpm=, concurrent=.'],
  [{ limit: 'rpm=0' }, '--limit rpm=0 lets nothing through'],
  [{ limit: 'rpm=-5' }, '--limit rpm is "-5"; write a whole number'],
  [{ limit: 'rpm' }, '--limit is "rpm"; write name=value'],
  [{ budget: '50' }, '--budget is "50"; write US dollars and a period, such as 50/month'],
  [{ label: 'data' }, '--label is "data"; write name=value'],
  [{ expires: 'soon' }, '--expires is "soon"; write 90d, or a day'],
  [{ expires: '2027-99-99' }, '--expires is "2027-99-99"; write 90d, or a day'],
])('says what is wrong with %j', (given, message) => {
  expect(() => newKeyOf({ name: 'bot', ...given }, 0)).toThrow(message);
});
