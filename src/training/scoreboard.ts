/** The router's metrics per benchmark, with intervals, against prompt length, chance and the oracle. */
import type { Example } from './pipeline.ts';
import {
  bootstrap,
  calibrationError,
  type Interval,
  type Judged,
  mean,
  quality,
  seeded,
} from './metrics.ts';

export interface Entry {
  readonly name: string;
  readonly rows: number;
  /** No large model was measured: one that is always right is assumed. */
  readonly idealLarge: boolean;
  readonly allSmall: number;
  readonly allLarge: number;
  /** Scored by a model fitted without this benchmark's family. */
  readonly leftOut: {
    readonly apgr: number;
    readonly interval: Interval;
    readonly cpt50: number;
    readonly cpt80: number;
  };
  /** Scored by models fitted with nine tenths of this benchmark's rows. */
  readonly inside: { readonly apgr: number; readonly interval: Interval };
  readonly length: number;
  readonly oracle: number;
  /** Calibration error of complexity as a forecast of "the small model fails", held out. */
  readonly ece: number;
}

export interface Scores {
  readonly leftOut: Float64Array;
  readonly inside: Float64Array;
  readonly complexity: (raw: number) => number;
}

interface Scored {
  readonly small: number;
  readonly large: number;
  readonly leftOut: number;
  readonly inside: number;
  readonly units: number;
  readonly complexity: number;
}

const DRAWS = 200;
/** Below this gap between all-small and all-large the area is meaningless: such a set is evaluated only in a mix. */
export const LEAST_GAP = 0.04;

export function scoreboard(
  examples: readonly Example[],
  scores: Scores,
  sets: ReadonlyMap<string, (example: Example) => boolean>,
): Entry[] {
  return [...sets].flatMap(([name, belongs]) => {
    const rows = examples.flatMap((example, at): Scored[] => {
      const { small, large } = example.row;
      if (small === undefined || !belongs(example)) return [];
      return [
        {
          small,
          large: large ?? 1,
          leftOut: scores.leftOut[at]!,
          inside: scores.inside[at]!,
          units: example.row.turns.reduce((sum, turn) => sum + turn.text.length, 0),
          complexity: scores.complexity(scores.leftOut[at]!),
        },
      ];
    });
    const ideal = examples.some((example) => belongs(example) && example.row.large === undefined);
    const gap = mean(rows, ({ small, large }) => large - small);
    return gap >= LEAST_GAP ? [entry(name, rows, ideal)] : [];
  });
}

function entry(name: string, rows: readonly Scored[], idealLarge: boolean): Entry {
  const by = (score: (row: Scored) => number): ((drawn: readonly Scored[]) => Judged[]) => {
    return (drawn) =>
      drawn.map((row) => ({ score: score(row), small: row.small, large: row.large }));
  };
  const interval = (score: (row: Scored) => number): Interval =>
    bootstrap(rows, (drawn) => quality(by(score)(drawn)).apgr, { draws: DRAWS, random: seeded(7) });
  const leftOut = (row: Scored): number => row.leftOut;
  const inside = (row: Scored): number => row.inside;
  return {
    name,
    rows: rows.length,
    idealLarge,
    allSmall: mean(rows, (row) => row.small),
    allLarge: mean(rows, (row) => row.large),
    leftOut: { ...quality(by(leftOut)(rows)), interval: interval(leftOut) },
    inside: { apgr: quality(by(inside)(rows)).apgr, interval: interval(inside) },
    length: quality(by((row) => row.units)(rows)).apgr,
    oracle: quality(by((row) => row.large - row.small)(rows)).apgr,
    ece: calibrationError(
      rows.map((row) => ({ forecast: row.complexity, outcome: 1 - row.small })),
    ),
  };
}

const two = (value: number): string =>
  Number.isFinite(value) ? value.toFixed(2).replace(/^0/, '') : '–';
const three = (value: number): string => value.toFixed(3).replace(/^0/, '');
const range = ({ low, high }: Interval): string => `${three(low)}–${three(high)}`;

/** The table as Markdown. */
export function asTable(entries: readonly Entry[]): string {
  const head =
    '| benchmark | rows | all small → all large | APGR, left out (95 %) | CPT50 | CPT80 | ECE | APGR, inside (95 %) | length | oracle |\n|---|--:|---|---|--:|--:|--:|---|--:|--:|';
  const body = entries.map((one) =>
    [
      '',
      one.name,
      one.rows,
      `${three(one.allSmall)} → ${one.idealLarge ? '1 *' : three(one.allLarge)}`,
      `**${three(one.leftOut.apgr)}** (${range(one.leftOut.interval)})`,
      two(one.leftOut.cpt50),
      two(one.leftOut.cpt80),
      two(one.ece),
      `**${three(one.inside.apgr)}** (${range(one.inside.interval)})`,
      three(one.length),
      three(one.oracle),
      '',
    ]
      .join(' | ')
      .trim(),
  );
  return `${head}\n${body.join('\n')}\n`;
}
