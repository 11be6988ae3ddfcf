import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { noteSighups } from './early-sighup.ts';
import { heedSighups } from './sighup.ts';

afterEach(() => void vi.useRealTimers());

/** Starts to heed them, and gives what the process would call. */
function heeding() {
  const before = process.listeners('SIGHUP');
  const sighups = heedSighups();
  const listener = process.listeners('SIGHUP').find((one) => !before.includes(one))!;
  onTestFinished(() => void process.off('SIGHUP', listener));
  return { sighups, signal: () => listener('SIGHUP') };
}

test('signals that come at once are one reload, and a later one is another', () => {
  vi.useFakeTimers();
  const reload = vi.fn();
  const { sighups, signal } = heeding();
  sighups.started(reload);
  for (let at = 0; at < 100; at += 1) signal();
  vi.advanceTimersByTime(200);
  expect(reload).toHaveBeenCalledTimes(1);
  signal();
  vi.advanceTimersByTime(200);
  expect(reload).toHaveBeenCalledTimes(2);
});

test('one that comes during the start reloads after it, once', () => {
  vi.useFakeTimers();
  const reload = vi.fn();
  const { sighups, signal } = heeding();
  signal();
  vi.advanceTimersByTime(1000);
  sighups.started(reload);
  vi.advanceTimersByTime(1000);
  expect(reload).toHaveBeenCalledTimes(1);
});

test('one that comes before the command is read reloads after the start', () => {
  vi.useFakeTimers();
  const before = process.listeners('SIGHUP');
  noteSighups(['serve']);
  const noting = process.listeners('SIGHUP').find((one) => !before.includes(one))!;
  noting('SIGHUP');
  const { sighups } = heeding();
  expect(process.listeners('SIGHUP')).not.toContain(noting);
  const reload = vi.fn();
  sighups.started(reload);
  vi.advanceTimersByTime(1000);
  expect(reload).toHaveBeenCalledTimes(1);
});

test('a command that does not serve ends with its terminal', () => {
  const before = process.listeners('SIGHUP');
  noteSighups(['report', '--since', '1d']);
  expect(process.listeners('SIGHUP')).toEqual(before);
});
