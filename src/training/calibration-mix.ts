/** The example traffic for calibration and thresholds: every measured benchmark, and customer requests. */
import type { Example } from './pipeline.ts';
import type { Outcome } from './calibrate.ts';
import { largeRight, smallRight } from './targets.ts';

/** Share of the small model's misses that a large model gets right, where only the small one was measured: the mean over the measured benchmarks. */
const RECOVERED = 0.5;
/** Shares of the mix. Customer requests are most of what a gateway for a small model sees. */
const SHARES: Readonly<Record<string, number>> = { intent: 0.4, measured: 0.6 };
const INTENT_LARGE = 0.97;

export function calibrationOutcomes(examples: readonly Example[], raw: Float64Array): Outcome[] {
  const counts = new Map<string, number>();
  const kinds = { intent: new Set<string>(), measured: new Set<string>() };
  for (const example of examples) {
    const kind = groupOf(example);
    if (kind === undefined || smallRight(example.row) === undefined) continue;
    counts.set(example.row.bench, (counts.get(example.row.bench) ?? 0) + 1);
    kinds[kind].add(example.row.bench);
  }
  return examples.flatMap((example, at): Outcome[] => {
    const kind = groupOf(example);
    const small = smallRight(example.row);
    if (kind === undefined || small === undefined) return [];
    const weight = SHARES[kind]! / kinds[kind].size / counts.get(example.row.bench)!;
    const otherwise = kind === 'intent' ? INTENT_LARGE : small + RECOVERED * (1 - small);
    return [{ raw: raw[at]!, weight, small, large: largeRight(example.row) ?? otherwise }];
  });
}

function groupOf({ row }: Example): 'intent' | 'measured' | undefined {
  if (row.kind === 'intent') return 'intent';
  return row.kind.startsWith('measured') ? 'measured' : undefined;
}
