/** The competence cards that are known here: those that ship, and those beside the models. */
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cardFinder, readCard } from '../competence/card.ts';
import { shippedCards } from '../competence/shipped.ts';
import type { CompetenceCard } from '../core/competence.ts';
import type { Environment } from '../core/upstream-kind.ts';
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

/** A card that cannot be read is said, and left out. What was measured here counts before what ships. */
export function knownCards({ env, printLine }: Finding): CardOf {
  const folder = cardFolder(env, homedir());
  const own = cardFiles(folder).flatMap((file) => read(join(folder, file), printLine));
  return cardFinder([...shippedCards(), ...own]);
}

function cardFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith(CARD));
  } catch {
    return [];
  }
}

function read(file: string, say: (line: string) => void): readonly CompetenceCard[] {
  try {
    return [readCard(readFileSync(file, 'utf8'))];
  } catch (error) {
    say(`The competence card ${file} is not used: ${error instanceof Error ? error.message : ''}.`);
    return [];
  }
}
