/** What both heads say together of measured rows, with a gate that saw nothing of the row's group. */
import { judgeInputs } from '../signals/complexity/inputs.ts';
import { needModel } from '../signals/complexity/need.ts';
import { fastNeed } from '../signals/complexity/heads.ts';
import type { Row } from './dataset.ts';
import { type Described, gateRows, withGate } from './fit-gate.ts';
import { fitNeed } from './fit-need.ts';
import { ownRequests, ownRows, pairsOf, ratedWeight, translatedRows } from './own-rows.ts';
import type { Example } from './pipeline.ts';

/** Makes a raw need of what the second head says, `fails`, for each example in order. */
export type Combine = (fails: Float64Array) => Float64Array;

/**
 * `rows` hold the rated ones too; without any the second head stands alone. `groupOf` says which examples the gate is
 * fitted without when it judges them.
 */
export function combiner(
  rows: readonly Row[],
  examples: readonly Example[],
  groupOf: (example: Example, at: number) => unknown,
): Combine {
  const inputs = judgeInputs();
  const read = (row: Row): Described => ({
    row,
    inputs: Float64Array.from(inputs.read(row.turns)),
  });
  const others = rows.filter(({ need }) => need !== undefined);
  if (others.length === 0) return (fails) => fails;
  const rated = [...others, ...ownRows(), ...translatedRows(rows), ...ownRequests()].map(read);
  const pairs = pairsOf(rated);
  const { stored } = fitNeed(
    rated.map(({ row, inputs: values }) => ({
      inputs: values,
      need: row.need!,
      weight: ratedWeight(row),
    })),
    inputs.parts,
    pairs,
  );
  const teaching = gateRows(rows).map(read);
  const said = examples.map(({ row }) => read(row).inputs);
  const groups = Map.groupBy(examples.keys(), (at) => groupOf(examples[at]!, at));
  const need = new Float64Array(examples.length);
  const exam = new Float64Array(examples.length);
  for (const places of groups.values()) {
    const out = new Set(places.map((at) => examples[at]!.row));
    const model = needModel(
      withGate(
        stored,
        teaching.filter(({ row }) => !out.has(row)),
        pairs,
      ),
    );
    for (const at of places) {
      const found = model.predict(said[at]!);
      need[at] = found.need;
      exam[at] = found.exam;
    }
  }
  return (fails) => fails.map((value, at) => fastNeed({ need: need[at]!, exam: exam[at]! }, value));
}
