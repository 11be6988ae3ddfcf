/** The signal `language`: which language the request is written in. */
import { abstain, score, type Features, type Signal } from '../core/signal.ts';
import { proseOf } from './language/prose.ts';
import type { Identify } from './language/shipped.ts';
import { sample, type Reading } from './text/reader.ts';

/** Characters that are looked through for somebody's own words, and how many of these are read: about 40 words. */
const LOOKED_THROUGH = 800;
const MOST = 240;

/** So few Latin letters are a greeting, a code or an abbreviation in any language: "hi", "ok". */
const MIN_LATIN_LETTERS = 4;
/** Beyond so many characters the letters are not counted. */
const LONG_ENOUGH = 60;

/** Of most texts their first word says it. */
const ENOUGH_LETTERS = /[a-z]{4}/i;

/** Which language the request is written in: `value` is its ISO 639-1 code, the score how sure that is. */
export function language(read: (features: Features) => Reading, identify: Identify): Signal {
  return {
    name: 'language',
    about: 'the language is recognised surely (the value names it)',
    evaluate: (features) => {
      const text = sample(proseOf(sample(read(features).text, LOOKED_THROUGH)), MOST);
      if (isTooShort(text)) return abstain('too short to tell');
      const found = identify(text);
      if (found === undefined) return abstain('no words in a known script');
      const { language: code, confidence } = found;
      return score(confidence, `written in ${code}`, code);
    },
  };
}

function isTooShort(text: string): boolean {
  // so many characters hold so many letters, or none at all that could be read
  if (text.length > LONG_ENOUGH || ENOUGH_LETTERS.test(text)) return false;
  const letters = text.match(/\p{L}/gu) ?? [];
  return (
    letters.length < MIN_LATIN_LETTERS &&
    letters.every((letter) => /\p{Script=Latin}/u.test(letter))
  );
}
