/** At the end of a text; a dot after a digit may be that of a list. */
export const END_OF_SENTENCE = /(?<!\d)[.!?…。！？]["'”’)]?$/u;
