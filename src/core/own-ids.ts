/** Ids of objects that this gateway makes for an upstream without `/v1/responses`; no upstream's ids look like them. */

/** Upstreams write hexadecimal digits or random letters behind the prefix; 32 digits behind this are ours. */
export const OWN_ID_MARK = 'sf';
const OWN = /^[a-z]+_sf[0-9a-f]{32}$/;

export const isOwnId = (id: string): boolean => OWN.test(id);
