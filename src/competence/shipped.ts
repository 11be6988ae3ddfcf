/** The cards that ship, measured on the maintainers' machine. */
import type { CompetenceCard } from '../core/competence.ts';
import { readCard } from './card.ts';
import smollm2 from './cards/smollm2-135m-instruct-q4_1.json' with { type: 'json' };
import tinyllama from './cards/tinyllama-1.1b-chat-iq2_xxs.json' with { type: 'json' };

/** Read like any other: a card that was changed by hand would not start. */
export const shippedCards = (): readonly CompetenceCard[] =>
  [smollm2, tinyllama].map((card) => readCard(JSON.stringify(card)));
