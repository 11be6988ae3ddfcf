import type { Phrase } from '../phrasebook.ts';
import { decisions } from './decisions.ts';
import { machines } from './machines.ts';
import { refusals } from './refusals.ts';

export const es: readonly Phrase[] = [...decisions, ...machines, ...refusals];
