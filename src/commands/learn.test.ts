import { expect, test } from 'vitest';
import { candidateText } from './learn.ts';

const POLICY = `# ours
name: mine
objective: { quality: 0.95 } # as the estimate has it
verify: { onFail: escalate, wrongAbove: 0.5 }
rules:
  - { name: short, when: 'request.inputTokens < 10', use: small } # kept
`;

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
