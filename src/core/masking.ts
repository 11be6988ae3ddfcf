/** The port between finding personal data and masking it before it is sent. */

/** A closed list: policies name these, records count by them. */
export const personalKinds = [
  'email',
  'phone',
  'card',
  'iban',
  'us_ssn',
  'es_dni',
  'es_nie',
  'uk_nino',
  'de_tax_id',
  'national_id',
  'ip',
  'api_key',
  'jwt',
  'private_key',
  'credential',
] as const;

export type PersonalKind = (typeof personalKinds)[number];

/** How many different values of each kind were masked. */
export type MaskedCounts = Readonly<Partial<Record<PersonalKind, number>>>;

/** Finds by place for a mask, and by kind, in every spelling, for what may not leave. */
export interface PersonalDetector {
  readonly find: FindPersonal;
  kindsIn(text: string): readonly PersonalKind[];
}

/** In order, not overlapping; UTF-16 offsets, `end` exclusive. */
export type FindPersonal = (
  text: string,
) => readonly { readonly kind: PersonalKind; readonly start: number; readonly end: number }[];
