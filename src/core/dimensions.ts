/** What figures are told apart by. Apart from their schemas, which the ledger's thread needs none of. */

/** What figures can be told apart by, and narrowed to. `kind` is what a figure was spent or counted for. */
export const DIMENSIONS = [
  'tier',
  'upstream',
  'model',
  'key',
  'rule',
  'domain',
  'outcome',
  'kind',
] as const;

export type Dimension = (typeof DIMENSIONS)[number];

/** Values of `kind`. A draft is a small answer that was checked and not given; an audit is asked to learn from. */
export const KINDS = ['request', 'shadow', 'draft', 'audit'] as const;

export type Kind = (typeof KINDS)[number];

/** Nothing of that dimension applies: a refused request has no upstream. */
export const NONE = 'none';
