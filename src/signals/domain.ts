import type { Domain } from '../core/policy.ts';
import { abstain, score, type Features, type Signal } from '../core/signal.ts';
import { recogniser } from './domain/recogniser.ts';
import { identifier } from './language/ngrams.ts';
import table from './language/table.json' with { type: 'json' };
import frequent from './language/words.json' with { type: 'json' };
import type { Reading } from './text/reader.ts';

/**
 * Which of the policy's tasks the request is: `value` names it, the score is how surely. Below even
 * odds that it belongs to any of them it abstains. The examples are indexed here, once a policy.
 */
export function domain(domains: readonly Domain[], read: (features: Features) => Reading): Signal {
  const recognise = recogniser(domains, identifier(table, frequent));
  return {
    name: 'domain',
    about: "the request is one of the policy's example tasks (the value names it)",
    evaluate: (features) => {
      if (domains.length === 0) return abstain('the policy names no domains');
      const found = recognise(read(features).words);
      if (found.confidence < 0.5) return abstain('like none of the examples');
      const { name, confidence } = found;
      return score(confidence, `like the examples of ${name}`, name);
    },
  };
}
