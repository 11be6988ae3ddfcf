/** The signal `domain`: the request is one of the policy's example tasks. */
import type { Domain } from '../core/policy.ts';
import { abstain, score, type Features, type Signal } from '../core/signal.ts';
import type { Said } from './domain/features.ts';
import type { Recognised } from './domain/judge.ts';
import { learnDomains, type DomainTables } from './domain/learn.ts';
import { recogniser } from './domain/recogniser.ts';
import { openMeaning } from './meaning/meaning.ts';
import { plainText } from './text/plain-text.ts';
import type { Reading } from './text/reader.ts';
import { splitWords } from './text/words.ts';

/** Even odds, as the recogniser's confidence is calibrated. */
const SURE = 0.5;

/** So few words prove less: "yes" and "48213" must not be named. */
const SURE_ALONE = 0.85;

/** Words. More than 95 in 100 of CLINC150's and Banking77's requests are shorter. */
const SHORT = 24;

/** Of a long text the first and the last sentences are read alone. */
const MOST_SENTENCES = 12;

/**
 * Which of the policy's tasks the request is: `value` names it, the score is how surely. Below even
 * odds that it belongs to any of them it abstains.
 *
 * A task for the small model is recognised by the whole request only: a routine question inside a
 * long complaint does not make it routine. A task for the large model (anger, a legal threat) is also
 * recognised by one sentence of many, and then goes first.
 */
export function domain(
  domains: readonly Domain[],
  read: (features: Features) => Reading,
  tables: DomainTables = learnDomains(domains),
): Signal {
  const meaning = openMeaning();
  const recognise = recogniser(domains, tables, { meaning });
  const said = (text: string): Said => ({
    words: splitWords(text),
    pieces: meaning?.pieces(plainText(text)) ?? new Int32Array(0),
  });
  const large = new Set(domains.filter(({ use }) => use === 'large').map(({ name }) => name));
  return {
    name: 'domain',
    about: "the request is one of the policy's example tasks (the value names it)",
    evaluate: (features) => {
      if (domains.length === 0) return abstain('the policy names no domains');
      const { text, words, pieces } = read(features);
      const whole = recognise({ words, pieces: pieces() });
      // A bare answer is read with what it answers, unless it says by itself what it is: "thanks".
      if (features.task !== text) {
        const own = recognise(said(features.task));
        if (own.confidence >= SURE_ALONE)
          return score(own.confidence, `like the examples of ${own.name}`, own.name);
      }
      const settled = large.size === 0 || (large.has(whole.name) && whole.confidence >= SURE);
      const part = settled ? whole : surest(text);
      const { name, confidence } = part.confidence >= SURE ? part : routine(whole, words.count);
      if (confidence < SURE) return abstain('like none of the examples');
      return score(confidence, `like the examples of ${name}`, name);
    },
  };

  /** A long message holds more than a routine question, whatever else is in it. */
  function routine({ name, confidence }: Recognised, words: number): Recognised {
    if (large.has(name)) return { name, confidence };
    return { name, confidence: confidence * Math.min(1, Math.sqrt(SHORT / words)) };
  }

  /** Of the sentences that belong to the large model, the one recognised most surely. */
  function surest(text: string): Recognised {
    let best: Recognised = { name: '', confidence: 0 };
    for (const sentence of sentencesOf(text)) {
      const found = recognise(said(sentence));
      if (large.has(found.name) && found.confidence > best.confidence) best = found;
    }
    return best;
  }
}

/** Both ends of a text of several sentences; a single sentence has none but the whole. */
function sentencesOf(text: string): readonly string[] {
  const sentences = text.split(/[.!?;\n]+\s*/).filter((sentence) => sentence.length > 8);
  if (sentences.length < 2) return [];
  if (sentences.length <= MOST_SENTENCES) return sentences;
  return [...sentences.slice(0, MOST_SENTENCES / 2), ...sentences.slice(-MOST_SENTENCES / 2)];
}
