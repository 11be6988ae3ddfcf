/** What a bad answer may put at stake: the values of the signal `stakes`, beside `none`. */
export const stakesKinds = [
  'medical',
  'self-harm',
  'legal',
  'money',
  'security',
  'production',
] as const;

export type StakesKind = (typeof stakesKinds)[number];
