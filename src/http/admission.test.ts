import { expect, test } from 'vitest';
import { createAdmission } from './admission.ts';

test('counts requests from their admission, before any upstream is asked', () => {
  const { admit } = createAdmission(2, () => false);
  const first = admit();
  admit();
  expect(admit).toThrow('2 requests are under way, which is the limit');
  first.answered();
  expect(admit).toThrow('limit');
  first.leave();
  first.leave();
  admit();
  expect(admit).toThrow('limit');
});

test('an answer that has begun is under way, and no longer unanswered', () => {
  const admission = createAdmission(9, () => false);
  const [one, other] = [admission.admit(), admission.admit()];
  one.answered();
  one.leave();
  expect(admission.unanswered()).toBe(1);
  other.leave();
  expect(admission.unanswered()).toBe(0);
});

test('nothing is admitted while it shuts down', () => {
  const { admit } = createAdmission(9, () => true);
  expect(admit).toThrow('shutting down');
});
