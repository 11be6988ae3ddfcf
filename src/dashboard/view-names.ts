/** Every view, by what its address is called; the first one has none. The tests of the page go through all of them. */
export const views = [
  'overview',
  'requests',
  'upstreams',
  'energy',
  'playground',
  'compare',
  'explain',
  'policy',
  'keys',
  'settings',
] as const;
export type View = (typeof views)[number];
