/** What a feature is called where people read it. */
import { own } from '../../lib/own.ts';

const SURFACE: Readonly<Record<string, string>> = {
  words: 'long',
  content: 'long',
  bulk: 'long',
  sentences: 'many sentences',
  'words-a-sentence': 'long sentences',
  'long-words': 'technical words',
  fresh: 'varied words',
  digits: 'many digits',
  numbers: 'many numbers',
  'big-numbers': 'large numbers',
  decimals: 'decimals',
  operators: 'formulas',
  brackets: 'formulas',
  'math-signs': 'formulas',
  commands: 'formulas',
  'hard-commands': 'advanced formulas',
  singles: 'variables',
  'number-share': 'dense in numbers',
  'sign-share': 'dense in formulas',
  'code-lines': 'code',
  'code-words': 'code',
  'code-signs': 'code',
  'code-digits': 'code',
  'code-marks': 'code',
  choices: 'multiple choice',
  'numeric-choices': 'numeric choices',
  'choice-words': 'long choices',
  figure: 'a figure',
  turns: 'a long conversation',
};

const CONCEPT = 'concept:';

/** A few words for a feature; `''` where it would tell a person nothing. */
export function describeFeature(name: string): string {
  if (!name.startsWith(CONCEPT)) return own(SURFACE, name) ?? '';
  const concept = name.slice(CONCEPT.length);
  return concept === 'glue' ? '' : `speaks of ${concept.replaceAll('-', ' ')}`;
}
