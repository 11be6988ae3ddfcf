/** The cards that ship. */
import type { CompetenceCard } from '../core/competence.ts';

export const shippedCards = (): readonly CompetenceCard[] => [];
