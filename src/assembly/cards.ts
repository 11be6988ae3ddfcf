/** The competence cards that are known here: those that ship, and those beside the models. */
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cardFinder, readCard } from '../competence/card.ts';
import { shippedCards } from '../competence/shipped.ts';
import type { CompetenceCard } from '../core/competence.ts';
import type { JudgeCard } from '../core/audit.ts';
import type { Environment } from '../core/upstream-kind.ts';
import { readJudge } from '../quality/judge-card.ts';
import { downloads } from '../models/downloads.ts';
import { storeSettings } from '../models/store.ts';
import type { CardOf } from '../verify/index.ts';

const CARD = '.card.json';

/** Where `calibrate` puts them. */
export const cardFolder = (env: Environment, home: string): string =>
  storeSettings(env, home).folder;

interface Finding {
  readonly env: Environment;
  readonly printLine: (line: string) => void;
}

const JUDGE = '.judge.json';

/** The name of a judge's card: models' names may hold what file names may not. */
export const judgeFile = (model: string): string => `${model.replaceAll(/[^\w.-]/g, '-')}${JUDGE}`;

/** What is known of the models that may judge, by their names. */
export function knownJudges({ env, printLine }: Finding): (model: string) => JudgeCard | undefined {
  const folder = cardFolder(env, homedir());
  const cards = filesIn(folder, JUDGE).flatMap((file) =>
    read(join(folder, file), printLine, readJudge),
  );
  const byModel = new Map(cards.map((card) => [card.model, card]));
  return (model) => byModel.get(model);
}

/** A card that cannot be read is said, and left out. What was measured here stands after what ships. */
export function allCards({ env, printLine }: Finding): readonly CompetenceCard[] {
  const folder = cardFolder(env, homedir());
  const own = filesIn(folder, CARD).flatMap((file) =>
    read(join(folder, file), printLine, readCard),
  );
  return [...shippedCards(), ...own];
}

/** What was measured here counts before what ships. */
export const knownCards = (finding: Finding): CardOf => cardFinder(allCards(finding));

/** The card of a model by its name, as a configuration has it: that of its file, where it is fetched by name. */
export function cardNamed(
  model: string,
  cards: readonly CompetenceCard[],
): CompetenceCard | undefined {
  const digest = downloads.find(({ name }) => name === model)?.sha256;
  return cards.findLast((card) => card.model === model || card.modelDigest === `sha256:${digest}`);
}

function filesIn(folder: string, end: string): readonly string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith(end));
  } catch {
    return [];
  }
}

function read<T>(
  file: string,
  say: (line: string) => void,
  reader: (text: string) => T,
): readonly T[] {
  try {
    return [reader(readFileSync(file, 'utf8'))];
  } catch (error) {
    say(`The competence card ${file} is not used: ${error instanceof Error ? error.message : ''}.`);
    return [];
  }
}
