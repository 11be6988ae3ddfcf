import { expect, test } from 'vitest';
import { thresholdFor } from '../assembly/threshold.ts';
import { loadPolicy } from '../policy/load.ts';
import { judgeInForce } from '../signals/complexity/index.ts';
import { signalNames } from '../signals/index.ts';
import { candidateText } from './learn.ts';

const POLICY = `# ours
name: mine
objective: { quality: 0.95 } # as the estimate has it
verify: { onFail: escalate, wrongAbove: 0.5 }
rules:
  - { name: short, when: 'request.inputTokens < 10', use: small } # kept
`;

test('what was learned of the judge is a line of numbers, that a policy of other weights refuses', () => {
  const weights = Array.from({ length: judgeInForce().numbers }, (_, at) => at / 100);
  const learned = { judge: judgeInForce().version, bias: -0.1, weights };
  const text = candidateText(POLICY, { complexityBelow: 0.7, wrongAbove: 0.8, learned });
  expect(text).toMatch(/weights:\s+\[\s*0, 0\.01, /);
  const context = { upstreams: undefined, signals: signalNames, thresholdFor, judgeInForce };
  const load = (source: string) => loadPolicy({ text: source, file: 'p.yaml' }, context);
  expect(load(text).learned).toEqual(learned);
  expect(() => load(text.replace(learned.judge, '0123456789ab'))).toThrow(
    /p\.yaml:\d+:\d+ .*learned for a judge of other weights .*run `smallfirst learn` again/,
  );
  expect(() => load(text.replace('0.01, ', ''))).toThrow(/must be 50 numbers.* here are 49/);
  const again = { complexityBelow: 0.6, wrongAbove: 0.8, learned: { ...learned, bias: 0.2 } };
  expect(load(candidateText(text, again)).learned).toEqual(again.learned);
});

test('a candidate is the same policy with other thresholds, as a guarded canary', () => {
  const text = candidateText(POLICY, { complexityBelow: 0.7, wrongAbove: 0.8 });
  expect(text).toContain('# ours');
  expect(text).toContain('# kept');
  expect(text).toContain('wrongAbove: 0.8');
  expect(text).not.toContain('quality');
  expect(text).toMatch(/objective:\s+complexityBelow: 0\.7/);
  expect(text).toMatch(/mode:\s+canary: 0\.1/);
  expect(text).toMatch(/guards:\s+errorRate: 0\.05/);
  expect(candidateText(POLICY, { complexityBelow: 0.7, wrongAbove: 0.8 })).toBe(text);
});
