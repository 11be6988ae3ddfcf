/**
 * `npm run eval -- [data folder] [folder to write evaluation.md and trade.svg to]`: evaluates the
 * recipe on held-out benchmarks, against chance, prompt length, all-small, all-large and the oracle.
 */
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bounded } from '../signals/complexity/calibrated.ts';
import { judgement } from '../signals/complexity/index.ts';
import type { TradePoint } from '../signals/complexity/model.ts';
import { calibrate, type Outcome, trade } from './calibrate.ts';
import { combiner } from './combined.ts';
import { dataFolder, readDataset, type Row } from './dataset.ts';
import { mean, quality, seeded } from './metrics.ts';
import { calibrationOutcomes } from './calibration-mix.ts';
import { scoresLeavingOut, scoresLeavingTenths, tenthOf } from './holdout.ts';
import { type Line, tradePlot } from './plot.ts';
import { describeRows, type Example } from './pipeline.ts';
import { asTable, type Entry, LEAST_GAP, scoreboard } from './scoreboard.ts';

export interface Evaluation {
  readonly entries: readonly Entry[];
  /** APGR with labels shuffled inside each benchmark, so that nothing can be learned. */
  readonly control: number;
  readonly lines: readonly Line[];
  /** Calibration error on the whole example mix. */
  readonly mixEce: number;
}

export function evaluate(all: readonly Row[]): Evaluation {
  const { examples, names } = describeRows(all.filter(({ need }) => need === undefined));
  const leftOut = scoresLeavingOut(examples, names);
  const inside = scoresLeavingTenths(examples, names);
  const mix = calibrationOutcomes(examples, leftOut);
  const calibration = calibrate(mix);
  const complexity = (raw: number): number =>
    1 / (1 + Math.exp(-(calibration.slope * raw + calibration.bias)));
  const together = {
    leftOut: combiner(all, examples, ({ row }) => row.family)(leftOut.map(complexity)),
    inside: combiner(all, examples, (_, at) => tenthOf(at))(inside.map(complexity)),
    complexity: bounded,
  };
  return {
    entries: scoreboard(examples, together, setsOf(examples)),
    control: control(examples, names),
    lines: linesOf(examples, mix, complexity),
    mixEce: mixError(mix, complexity),
  };
}

/** Each measured benchmark, the sources of the large collection, and the mixed traffic as one set. */
function setsOf(examples: readonly Example[]): Map<string, (example: Example) => boolean> {
  const sets = new Map<string, (example: Example) => boolean>();
  for (const { row } of examples) {
    if (row.small === undefined) continue;
    const name = row.bench === 'bigmath' ? `bigmath: ${row.domain}` : row.bench;
    sets.set(name, (example) => {
      const { bench, domain } = example.row;
      return bench === row.bench && (bench !== 'bigmath' || domain === row.domain);
    });
  }
  for (const [name, belongs] of sets) if (examples.filter(belongs).length < 100) sets.delete(name);
  sets.set('ulab, all eleven as one mix', ({ row }) => row.bench.startsWith('ulab_'));
  return sets;
}

/** APGR of the recipe on labels shuffled inside each benchmark; a mean weighted by rows. */
function control(examples: readonly Example[], names: readonly string[]): number {
  const measured = examples.filter(({ row }) => row.small !== undefined && row.large !== undefined);
  const random = seeded(11);
  const byBench = Map.groupBy(measured, ({ row }) => row.bench);
  const dealt = [...byBench.values()].flatMap((bench) => {
    const order = bench
      .map((example) => ({ example, place: random() }))
      .toSorted((a, b) => a.place - b.place);
    return bench.map(({ row, features }, at): Example => {
      const { small, large, scores } = order[at]!.example.row;
      return { features, row: { ...row, small, large, scores } };
    });
  });
  const raw = scoresLeavingTenths(dealt, names);
  let sum = 0;
  let count = 0;
  for (const bench of byBench.keys()) {
    const judged = dealt.flatMap(({ row }, at) =>
      row.bench === bench ? [{ score: raw[at]!, small: row.small!, large: row.large! }] : [],
    );
    if (mean(judged, (one) => one.large - one.small) < LEAST_GAP) continue;
    sum += quality(judged).apgr * judged.length;
    count += judged.length;
  }
  return sum / count;
}

function mixError(mix: readonly Outcome[], complexity: (raw: number) => number): number {
  const order = mix.toSorted((a, b) => a.raw - b.raw);
  const total = order.reduce((sum, { weight }) => sum + weight, 0);
  const bins = Array.from({ length: 10 }, () => ({ weight: 0, gap: 0 }));
  let seen = 0;
  for (const { raw, weight, small } of order) {
    const bin = bins[Math.min(9, Math.floor((seen / total) * 10))]!;
    bin.weight += weight;
    bin.gap += weight * (complexity(raw) - (1 - small));
    seen += weight;
  }
  return bins.reduce((sum, { gap }) => sum + Math.abs(gap), 0) / total;
}

const POINTS = 101;

function linesOf(
  examples: readonly Example[],
  mix: readonly Outcome[],
  complexity: (raw: number) => number,
): Line[] {
  const units = Float64Array.from(examples, ({ row }) =>
    row.turns.reduce((sum, turn) => sum + turn.text.length, 0),
  );
  const learned = trade(mix, complexity, POINTS);
  const oracle = mix.map((one) => ({ ...one, raw: one.large - one.small }));
  return [
    { name: 'oracle', colour: '#999', dashed: true, points: trade(oracle, (raw) => raw, POINTS) },
    {
      name: 'this model, on benchmarks it has not seen',
      colour: '#0a6',
      dashed: false,
      points: learned,
    },
    {
      name: 'prompt length',
      colour: '#c60',
      dashed: false,
      points: trade(calibrationOutcomes(examples, units), (raw) => raw, POINTS),
    },
    { name: 'chance', colour: '#999', dashed: false, points: [learned[0]!, learned.at(-1)!] },
  ];
}

/** Microseconds per prompt of the shipped signal, over the given rows. */
function speed(rows: readonly Row[]): { p50: number; p95: number } {
  const judge = judgement();
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    times.length = 0;
    for (const { turns } of rows) {
      const start = performance.now();
      judge(turns);
      times.push((performance.now() - start) * 1000);
    }
  }
  times.sort((a, b) => a - b);
  return {
    p50: times[Math.floor(times.length / 2)]!,
    p95: times[Math.floor(times.length * 0.95)]!,
  };
}

function report(evaluation: Evaluation, rows: readonly Row[]): string {
  const { p50, p95 } = speed(rows.filter((_, at) => at % 10 === 0));
  return `${asTable(evaluation.entries)}
\\* no large model was measured there: one that is always right stands in. APGR of chance is .500, of all-small and all-large it is undefined: they are the ends of the curve.

Sets without a gap of .04 between the two models (open questions scored by word overlap, one small math set) are judged only inside their mix.

Control (labels shuffled inside each benchmark): APGR ${evaluation.control.toFixed(3)}; it must be .50 ± .04.
Calibration error of complexity on the example mix, left out: ${evaluation.mixEce.toFixed(3)}.
To keep 95 % of the large model's quality on the example mix, the large model must answer: ${evaluation.lines.map(({ name, points }) => `${percent(shareFor(points, 0.95))} (${name})`).join(', ')}.
Time a prompt, this machine, one core: p50 ${p50.toFixed(0)} µs, p95 ${p95.toFixed(0)} µs.
`;
}

/** The smallest share of large answers that keeps a quality; linear between points. */
function shareFor(points: readonly TradePoint[], wanted: number): number {
  const order = points.toSorted((a, b) => a.largeShare - b.largeShare);
  const after = order.findIndex(({ quality: kept }) => kept >= wanted);
  if (after <= 0) return after === 0 ? 0 : 1;
  const [a, b] = [order[after - 1]!, order[after]!];
  const part = (wanted - a.quality) / (b.quality - a.quality);
  return a.largeShare + part * (b.largeShare - a.largeShare);
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

function main(args: readonly string[]): number {
  const folder = args[0] ?? dataFolder(process.env);
  if (folder === undefined) {
    process.stderr.write(
      'No data: give a folder of .jsonl files, or set SMALLFIRST_ROUTING_DATA\n',
    );
    return 1;
  }
  const { rows } = readDataset(folder);
  const evaluation = evaluate(rows);
  const written = report(evaluation, rows);
  process.stdout.write(written);
  if (args[1] !== undefined) {
    writeFileSync(
      join(args[1], 'evaluation.md'),
      `# Evaluation\n\nWritten by \`npm run eval\`.\n\n${written}`,
    );
    writeFileSync(join(args[1], 'trade.svg'), tradePlot(evaluation.lines));
  }
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
