/** The signal `stakes`: what a bad answer would cost, and of which kind. */
import { readFileSync } from 'node:fs';
import { abstain, score, type Features, type Signal } from '../core/signal.ts';
import type { StakesKind } from '../core/stakes.ts';
import { openMeaning } from './meaning/meaning.ts';
import { stakesNetwork, type StoredStakes } from './stakes/network.ts';
import type { Reading } from './text/reader.ts';
import { own } from '../lib/own.ts';
import { shippedFile } from '../lib/shipped-file.ts';

/** Below this degree nothing is named. */
const MIN_DEGREE = 0.3;

const WORDS: Readonly<Record<StakesKind, string>> = {
  medical: 'medicine: doses, interactions, symptoms',
  'self-harm': 'danger to a life',
  legal: 'legal or tax consequences',
  money: 'money that moves or is lost',
  security: 'code or events on which security rests',
  production: 'changes to running systems',
};

/** How much a bad answer would cost, whatever its difficulty; `value` names what is at stake. */
export function stakes(read: (features: Features) => Reading): Signal {
  const meant = openMeaning();
  const judge =
    meant && shippedFile('signals/stakes/weights.json', () => stakesNetwork(readWeights(), meant));
  return {
    name: 'stakes',
    about: 'a bad answer would be costly (the value names what is at stake)',
    evaluate: (features) => {
      if (judge === undefined) return abstain('the table of word pieces cannot be used', 'failed');
      const { kind, degree } = judge(read(features).pieces());
      if (degree < MIN_DEGREE) return score(degree, 'nothing that would be costly', 'none');
      return score(degree, `at stake: ${own(WORDS, kind) ?? kind}`, kind);
    },
  };
}

/** Not a module's value, which would be kept: its numbers are .3 MB of text. */
const readWeights = (): StoredStakes =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  JSON.parse(
    readFileSync(new URL('./stakes/weights.json', import.meta.url), 'utf8'),
  ) as StoredStakes;
