import { expect, test } from 'vitest';
import type { ProbeResult } from '../core/upstream.ts';
import { createWiringFaults } from './wiring-faults.ts';

const REFUSED: ProbeResult = {
  ok: false,
  detail: 'no',
  fault: { cause: 'unreachable', words: 'connection refused' },
};
const WRONG_KEY: ProbeResult = { ok: false, detail: 'no', fault: { cause: 'auth', words: 'no' } };
const WELL: ProbeResult = { ok: true, detail: '' };
const ILL: ProbeResult = { ok: false, detail: 'status 500' };

function watched() {
  const said: string[] = [];
  const rechecked: string[] = [];
  let now = 1000;
  const faults = createWiringFaults({
    epochMs: () => (now += 1),
    say: (line) => said.push(line),
    recheck: (name) => rechecked.push(name),
  });
  const causes = () => [...faults.current()].map(([name, { cause }]) => `${name} ${cause}`);
  return { faults, said, rechecked, causes };
}

test('a fault is said when it begins and when it ends, and not in between', () => {
  const { faults, said, causes } = watched();
  for (let i = 0; i < 3; i += 1) faults.probed('local', REFUSED);
  expect(causes()).toEqual(['local unreachable']);
  expect(faults.current().get('local')?.sinceMs).toBe(1001);
  faults.probed('local', WELL);
  faults.probed('local', WELL);
  expect(causes()).toEqual([]);
  expect(said).toEqual([
    "'local' is down: connection refused. Is it running, and is its `url` right?",
    "'local' is up again.",
  ]);
});

test('a model that its server does not list is said once, and again after it was there', () => {
  const { faults, said, causes } = watched();
  const unlisted: ProbeResult = { ...WELL, unlisted: 'gpt-4oo' };
  for (const result of [WELL, unlisted, ILL, unlisted]) faults.probed('cloud', result);
  const line =
    "'cloud' does not list a model 'gpt-4oo'. If it refuses that name, its requests are answered by the other tier, or not at all. Is `model` right?";
  expect(said).toEqual([line]);
  for (const result of [WELL, unlisted]) faults.probed('cloud', result);
  expect(said).toEqual([line, line]);
  expect(causes()).toEqual([]);
});

test('a server that answers badly can be reached', () => {
  const { faults, causes } = watched();
  faults.probed('cloud', ILL);
  expect(causes()).toEqual([]);
  faults.probed('cloud', REFUSED);
  faults.probed('cloud', ILL);
  expect(causes()).toEqual([]);
});

test('an attempt that met no server asks why, once it is not known', () => {
  const { faults, rechecked } = watched();
  const attempt = { upstream: 'local', outcome: 'failed', cause: 'unreachable' } as const;
  faults.ended(attempt);
  expect(rechecked).toEqual(['local']);
  faults.probed('local', REFUSED);
  faults.ended(attempt);
  expect(rechecked).toEqual(['local']);
});

test('a key that an attempt saw refused is no better for an open list of models', () => {
  const { faults, causes, said } = watched();
  faults.ended({ upstream: 'cloud', outcome: 'failed', cause: 'auth', status: 401 });
  faults.probed('cloud', WELL);
  expect(causes()).toEqual(['cloud auth']);
  faults.ended({ upstream: 'cloud', outcome: 'failed', cause: 'server_error', status: 500 });
  expect(causes()).toEqual(['cloud auth']);
  faults.ended({ upstream: 'cloud', outcome: 'ok' });
  expect(causes()).toEqual([]);
  expect(said).toHaveLength(2);
});

test('a key that attempts use is not wrong because the list of models refuses it', () => {
  const { faults, causes } = watched();
  faults.probed('cloud', WRONG_KEY);
  expect(causes()).toEqual(['cloud auth']);
  faults.ended({ upstream: 'cloud', outcome: 'ok' });
  faults.probed('cloud', WRONG_KEY);
  expect(causes()).toEqual([]);
});

test('a forbidden request, and one that was left, say nothing of the key', () => {
  const { faults, causes } = watched();
  faults.ended({ upstream: 'cloud', outcome: 'failed', cause: 'auth', status: 403 });
  faults.ended({ upstream: 'cloud', outcome: 'aborted', cause: 'aborted' });
  expect(causes()).toEqual([]);
});
