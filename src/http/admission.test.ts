import { expect, test } from 'vitest';
import { GatewayError } from '../core/errors.ts';
import { createAdmission, type Admission } from './admission.ts';

let now = 0;
const admissionOf = (maxInFlight: number, isDraining = false): Admission =>
  createAdmission({ maxInFlight, isDraining: () => isDraining, nowMs: () => now });

test('counts requests from their admission, before any upstream is asked', () => {
  const { admit } = admissionOf(2);
  const first = admit('ann');
  admit('ann');
  expect(() => admit('ann')).toThrow('2 requests are under way, which is the limit');
  first.answered();
  expect(() => admit('ann')).toThrow('limit');
  first.leave();
  first.leave();
  admit('ann');
  expect(() => admit('ann')).toThrow('limit');
});

test('an answer that has begun is under way, and no longer unanswered', () => {
  const admission = admissionOf(9);
  const [one, other] = [admission.admit('ann'), admission.admit('ann')];
  one.answered();
  one.leave();
  expect(admission.unanswered()).toBe(1);
  other.leave();
  expect(admission.unanswered()).toBe(0);
});

test('nothing is admitted while it shuts down', () => {
  const { admit } = admissionOf(9, true);
  expect(() => admit('ann')).toThrow('shutting down');
});

test('a key has all places while it is alone, and half of them while others ask', () => {
  const { admit } = admissionOf(8);
  const places = Array.from({ length: 8 }, () => admit('eve'));
  expect(() => admit('bob')).toThrow('limit');
  for (const place of places.slice(0, 4)) place.leave();
  expect(() => admit('eve')).toThrow("Key 'eve' has half of the 8 places");
  admit('bob').leave();
  expect(() => admit('eve')).toThrow('half');
  now += 10_001;
  admit('eve');
});

test('what is under way can be ended from outside, once', () => {
  const { admit, endAll } = admissionOf(9);
  const ended: string[] = [];
  const [one, other] = [admit('ann'), admit('ann')];
  one.endsBy(() => ended.push('one'));
  other.endsBy(() => ended.push('other'));
  other.leave();
  endAll(new GatewayError('gateway_draining', 'over'));
  expect(ended).toEqual(['one']);
});
