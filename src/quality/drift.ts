/** Tells that what a promise was measured on has changed: the verdicts, or the mix of requests. */
import type { Audit } from '../core/audit.ts';

/** A false alarm comes at most once in so many audits on average. */
const AUDITS_A_FALSE_ALARM = 1000;
/** Stake on each audit: at four times its share a worse answer rate of a tenth is found after some eighty. */
const MOST_STAKE = 4;

/**
 * A test that may be looked at after every audit: wealth that grows with answers that are worse than promised, begun anew where it is
 * spent (an e-detector of the CUSUM kind: Shin, Ramdas and Rinaldo, 2022).
 */
export function verdictWatch(worseThanLarge: number): (isWorse: boolean) => boolean {
  const share = Math.min(0.5, Math.max(1e-6, worseThanLarge));
  const stake = Math.min(MOST_STAKE, 0.5 / share);
  let wealth = 1;
  return (isWorse) => {
    wealth = Math.max(1, wealth) * (1 + stake * ((isWorse ? 1 : 0) - share));
    return wealth >= AUDITS_A_FALSE_ALARM;
  };
}

/** Above it a mix is another one: the usual limit of the population stability index. */
const SHIFTED = 0.25;
/** With fewer on either side a share says nothing. */
const LEAST = 200;

export type Mix = ReadonlyMap<string, number>;

const add = (mix: Map<string, number>, name: string): void =>
  void mix.set(name, (mix.get(name) ?? 0) + 1);

/** Shares of domains and of tenths of complexity. */
export function mixOf(requests: Iterable<Pick<Audit, 'domain' | 'complexity'>>): {
  readonly domains: Mix;
  readonly complexity: Mix;
} {
  const [domains, complexity] = [new Map<string, number>(), new Map<string, number>()];
  for (const request of requests) {
    add(domains, request.domain);
    const tenth =
      request.complexity === null ? 'none' : String(Math.floor(request.complexity * 10));
    add(complexity, tenth);
  }
  return { domains, complexity };
}

/** The population stability index of two mixes is beyond its limit; false with too few on either side. */
export function hasShifted(before: Mix, now: Mix): boolean {
  const [all, recent] = [sumOf(before), sumOf(now)];
  if (all < LEAST || recent < LEAST) return false;
  const names = new Set([...before.keys(), ...now.keys()]);
  let index = 0;
  for (const name of names) {
    const [p, q] = [shareIn(before, name, all), shareIn(now, name, recent)];
    index += (q - p) * Math.log(q / p);
  }
  return index > SHIFTED;
}

const sumOf = (mix: Mix): number => [...mix.values()].reduce((sum, count) => sum + count, 0);

/** Half a request more: a name that was not seen is rare, and not impossible. */
const shareIn = (mix: Mix, name: string, of: number): number =>
  ((mix.get(name) ?? 0) + 0.5) / (of + 1);
