/** Characters that are read of a text, both ends of a longer one. */
const MAX_UNITS = 1200;

/** What word pieces are cut from where only the words count: capitals mean nothing. */
export function plainText(text: string): string {
  const half = MAX_UNITS / 2;
  const read = text.length > MAX_UNITS ? `${text.slice(0, half)}\n${text.slice(-half)}` : text;
  return read.toLowerCase();
}
