/** Whether the time that a refusal takes tells how near a guess was: Welch's t over two kinds of guesses, asked in turn at random. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createKeyring } from '../../src/http/callers/keyring.ts';

const TIMINGS = 10_000;
/** Leakage detection takes a difference for proven from there on (ISO/IEC 17825). */
const PROVEN = 4.5;

const secretOf = (): string => `sk-sf-${randomBytes(32).toString('base64url')}`;

/** A string of its own, as one that is read from a socket, and not two that are put together when they are first used. */
const asReceived = (text: string): string => Buffer.from(text).toString('latin1');

/** Nanoseconds of each kind, without the slowest tenth: those in which something else ran. */
function timed() {
  const settings = { role: 'data', labels: {}, mayOverride: true, account: false } as const;
  const secret = secretOf();
  const near = (): string => `${secret.slice(0, -2)}${randomBytes(1).toString('hex')}`;
  const guesses = [near, secretOf] as const;
  const keyring = createKeyring([{ name: 'bot', secret, ...settings }]);
  const times: [number[], number[]] = [[], []];
  const plan = [...randomBytes(2 * TIMINGS)].map((byte) => byte & 1);
  const asked = plan.map((kind) => ({ kind, guess: asReceived(guesses[kind]!()) }));
  for (const { kind, guess } of asked) {
    const from = process.hrtime.bigint();
    keyring.find(guess);
    times[kind]!.push(Number(process.hrtime.bigint() - from));
  }
  return times.map((each) =>
    each.toSorted((a, b) => a - b).slice(0, Math.floor(0.9 * each.length)),
  );
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function welch([a = [], b = []]: readonly (readonly number[])[]): number {
  const spread = (values: readonly number[]): number => {
    const middle = mean(values);
    return mean(values.map((value) => (value - middle) ** 2)) / (values.length - 1);
  };
  return (mean(a) - mean(b)) / Math.sqrt(spread(a) + spread(b));
}

test(`${TIMINGS} guesses that are right but for the last two characters take as long as random ones`, () => {
  // One of several: a machine that is busy in one of them proves nothing.
  const found = [1, 2, 3].map(() => Math.abs(welch(timed())));
  expect(Math.min(...found)).toBeLessThan(PROVEN);
});
