/** Every signal, a line each. A new one is a file here, its line in `createSignals` and its name below. */
import type { Policy } from '../core/policy.ts';
import type { Signal } from '../core/signal.ts';
import type { PhoneRegion } from '../core/phone-regions.ts';
import { code } from './code.ts';
import { complexity, type DeepAsking } from './complexity/index.ts';
import { domain } from './domain.ts';
import { learnDomains, type DomainTables } from './domain/learn.ts';
import { language } from './language.ts';
import { shippedIdentifier } from './language/shipped.ts';
import { maths } from './maths.ts';
import { openMeaning } from './meaning/meaning.ts';
import { pii } from './pii.ts';
import { stakes } from './stakes.ts';
import { taskReader } from './text/reader.ts';

/** Reads the tables that the signals of every policy share, so that this need not be done later: some 40 ms. */
export function readTables(): void {
  shippedIdentifier();
  // What is wrong with it is said where it is used.
  openMeaning();
}

/** What a policy's conditions may name, checked when it is loaded. */
export const signalNames: readonly string[] = [
  'code',
  'complexity',
  'domain',
  'language',
  'maths',
  'pii',
  'stakes',
];

/** What signals depend on. `tables`: what was learned of the domains; where they are not given, it is learned here, which takes milliseconds to seconds. */
export type SignalPolicy = Pick<Policy, 'domains'> &
  Partial<Pick<Policy, 'threshold' | 'learned'>> & { readonly tables?: DomainTables | undefined };

export interface JudgeOptions {
  readonly deep?: DeepAsking | undefined;
  /** The reading of `complexity` also holds what was seen, in numbers, for learning. */
  readonly givesSeen?: boolean | undefined;
  /** Whose national telephone numbers are read; the usual ones where it does not say. */
  readonly phoneRegions?: readonly PhoneRegion[] | undefined;
}

/** All that the signals of a policy depend on. But for the deep judge it is plain data. */
export interface SignalSettings extends JudgeOptions {
  readonly domains: Policy['domains'];
  readonly threshold?: number | undefined;
  readonly learned?: Policy['learned'];
  readonly tables?: DomainTables | undefined;
}

const settings = new WeakMap<readonly Signal[], SignalSettings>();

/** What these signals were made of; undefined where they were not made here. */
export const settingsOf = (signals: readonly Signal[]): SignalSettings | undefined =>
  settings.get(signals);

/** The signals for one policy, with the deep judge where there is one. */
export const createSignals = (
  { domains, threshold, learned, tables }: SignalPolicy,
  judge: JudgeOptions = {},
): readonly Signal[] =>
  signalsBy({ ...judge, domains, threshold: threshold?.value, learned, tables });

export function signalsBy(by: SignalSettings): readonly Signal[] {
  const { domains, phoneRegions, tables = learnDomains(domains), ...judge } = by;
  const read = taskReader();
  const identify = shippedIdentifier();
  const signals = [
    code(read),
    complexity(judge),
    domain(domains, read, tables),
    language(read, identify),
    maths(read),
    pii(phoneRegions),
    stakes(read),
  ];
  // Other threads that judge need not learn them again.
  settings.set(signals, { ...by, tables });
  return signals;
}
