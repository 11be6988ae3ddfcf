/** When a person takes over, who, and what the customer is told. */
import type { Language } from './knowledge.ts';

/** Who takes over, by the policy's domain that the message belongs to. */
const TAKES_OVER: Readonly<Record<string, string>> = {
  injury: 'product safety',
  danger: 'product safety',
  'self-harm': 'the person on duty',
  allergy: 'product safety',
  discrimination: 'complaints',
  fraud: 'the fraud desk',
  'legal-threat': 'the legal department',
  'payment-dispute': 'accounting',
  'data-protection': 'the data protection officer',
  'angry-customer': 'a senior agent',
  'repeated-contact': 'the agent of the case',
  'bot-anger': 'any agent',
  'contact-person': 'any agent',
};
/** Costly, and like none of them. */
const AT_STAKE = 'stakes-need-large';

/** @param headers - of the gateway's answer. undefined = nobody needs to. */
export function whoTakesOver(headers: Headers): string | undefined {
  const known = TAKES_OVER[headers.get('x-smallfirst-domain') ?? ''];
  if (known !== undefined) return known;
  return headers.get('x-smallfirst-rule') === AT_STAKE ? 'the person on duty' : undefined;
}

export const WAITING: Readonly<Record<Language, string>> = {
  en: 'A colleague has your case and will write to you here.',
  es: 'Un compañero tiene su caso y le escribirá aquí.',
};
