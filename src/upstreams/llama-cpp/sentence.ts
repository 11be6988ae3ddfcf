/** At the end of a text; a dot after a number that begins a line is that of a list. */
export const END_OF_SENTENCE = /(?<!(?:^|\n) ?\d{1,3})[.!?…。！？]["'”’)]?$/u;
