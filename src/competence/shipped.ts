/** The cards that ship, measured on the maintainers' machine. */
import type { CompetenceCard } from '../core/competence.ts';
import { readCard } from './card.ts';
import smollm2 from './cards/smollm2-135m-instruct-q4_1.json' with { type: 'json' };

/** Read like any other: a card that was changed by hand would not start. */
export const shippedCards = (): readonly CompetenceCard[] => [readCard(JSON.stringify(smollm2))];
