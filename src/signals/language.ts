import { abstain, score, type Features, type Signal } from '../core/signal.ts';
import type { Identify } from './language/shipped.ts';
import { sample, type Reading } from './text/reader.ts';

/** Characters that are read: about 40 words, enough for 60 languages. */
const MOST = 240;

/** Which language the request is written in: `value` is its ISO 639-1 code, the score how sure that is. */
export function language(read: (features: Features) => Reading, identify: Identify): Signal {
  return {
    name: 'language',
    about: 'the language is recognised surely (the value names it)',
    evaluate: (features) => {
      const found = identify(sample(read(features).text, MOST));
      if (found === undefined) return abstain('no words in a known script');
      const { language: code, confidence } = found;
      return score(confidence, `written in ${code}`, code);
    },
  };
}
