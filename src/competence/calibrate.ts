/** Asks a whole golden set, goes on where an earlier run was stopped, and makes the card. */
import { createHash } from 'node:crypto';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import type { CompetenceCard } from '../core/competence.ts';
import type { OpenAttribution } from '../core/meter.ts';
import { ask, type Asking, type Graded } from './ask.ts';
import { makeCard } from './card.ts';
import type { GoldenItem } from './golden-set.ts';

export interface Calibration extends Asking {
  readonly items: readonly GoldenItem[];
  readonly setName: string;
  /** Engine and its version, for people. */
  readonly engine: string;
  /** What was graded is kept here until the card is made. */
  readonly partFile: string;
  readonly measuredAt: string;
  readonly onProgress: (done: number, of: number, right: number) => void;
  /** Attributes the machine's energy to what is asked; undefined where no meter covers the model. */
  readonly startMeter?: () => OpenAttribution | undefined;
}

/**
 * Items that fail to be answered fail the run; what was graded stays in the part file, and the next run goes on.
 * @throws what the upstream fails with, and the reason of `abort`
 */
export async function calibrate(calibration: Calibration): Promise<CompetenceCard> {
  const { items, model, upstream, partFile, setName, engine, measuredAt, abort } = calibration;
  const set = { name: setName, items: items.length, digest: digestOf(items) };
  const head = JSON.stringify({ model, set: set.digest });
  const graded = await gradedBefore(partFile, head);
  if (graded.size === 0) await writeFile(partFile, `${head}\n`);
  const say = (): void =>
    calibration.onProgress(graded.size, items.length, [...graded.values()].filter(isRight).length);
  const attribution = calibration.startMeter?.();
  let tokens = 0;
  for (const item of items) {
    if (graded.has(item.id)) continue;
    abort.throwIfAborted();
    const grade = await ask(item, calibration);
    tokens += grade.pieces;
    await appendFile(partFile, `${JSON.stringify(grade)}\n`);
    graded.set(item.id, grade);
    say();
  }
  const { modelDigest } = upstream.facts();
  const energy = perToken(attribution, tokens);
  const about = { set, model, modelDigest, engine, measuredAt };
  const card = makeCard({ items, graded, ...about, ...(energy && { energy }) });
  await rm(partFile);
  return card;
}

/** Of what this run asked; a run that only makes the card measured nothing. */
function perToken(
  attribution: OpenAttribution | undefined,
  tokens: number,
): CompetenceCard['energy'] | undefined {
  if (attribution === undefined || tokens === 0) return undefined;
  const { lowJ, highJ, method, source } = attribution.end().energy;
  return { joulesPerToken: [lowJ / tokens, highJ / tokens], method, source };
}

const isRight = ({ right }: Graded): boolean => right;

/** Of the messages and of what is accepted, in their order. */
export function digestOf(items: readonly GoldenItem[]): string {
  const hash = createHash('sha256');
  for (const { id, messages, accept } of items) hash.update(JSON.stringify([id, messages, accept]));
  return `sha256:${hash.digest('hex')}`;
}

/** Empty where there is none, or where it is of another model or set. A line that a kill cut off is asked again. */
async function gradedBefore(file: string, head: string): Promise<Map<string, Graded>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [first, ...lines] = text.split('\n');
  if (first !== head) return new Map();
  return new Map(lines.flatMap(readGrade).map((grade) => [grade.id, grade]));
}

function readGrade(line: string): readonly Graded[] {
  try {
    // Our own file: a line that is whole is as it was written.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return [JSON.parse(line) as Graded];
  } catch {
    return [];
  }
}
