import { expect, test } from 'vitest';
import { newBudgetOf } from './new-budget.ts';

test('reads every option', () => {
  const given = {
    name: 'bots',
    limit: '0.5/day',
    key: 'bot',
    zone: 'Europe/Madrid',
    'warn-at': '50%,0.8',
    unpriced: 'allow',
    'large-share': '40%',
    'large-per-hour': '1.5',
  };
  expect(newBudgetOf(given)).toEqual({
    name: 'bots',
    usd: 0.5,
    per: 'day',
    scope: { key: 'bot' },
    zone: 'Europe/Madrid',
    warnAt: [0.5, 0.8],
    unpriced: 'allow',
    large: { share: 0.4, usdPerHour: 1.5 },
  });
  const shop = newBudgetOf({ name: 'b', limit: '20/week', team: 'shop' });
  expect(shop).toEqual({ name: 'b', usd: 20, per: 'week', scope: { team: 'shop' } });
});

test.each([
  [{ limit: '50' }, 'LIMIT is "50"; write US dollars and a period, such as 50/month'],
  [{ limit: '5/year' }, 'LIMIT is "5/year"'],
  [{ key: 'k', team: 't' }, 'A budget has one scope'],
  [{ 'warn-at': '0%' }, '--warn-at is "0%"; write shares'],
  [{ 'large-per-hour': 'a lot' }, '--large-per-hour is "a lot"; write US dollars'],
])('says what is wrong with %j', (given, message) => {
  expect(() => newBudgetOf({ name: 'b', limit: '1/day', ...given })).toThrow(message);
});
