/** Says where a text stops being JSON, without a word of it: V8's messages quote what stands around the mistake. */

/** UTF-16 units. The mistake in a longer text is not looked for: that parses its beginnings again and again. */
const LONGEST = 65_536;

/** @param text what `JSON.parse` refuses */
export function whyNotJson(text: string): string {
  if (text === '') return 'It is empty.';
  if (text.startsWith('\uFEFF')) return 'It begins with a byte-order mark: leave that out.';
  if (mayGoOn(text)) return 'It ends before it is complete.';
  if (text.length > LONGEST) return 'It is not valid JSON.';
  // The longest beginning that may go on: one unit more, and nothing can make it JSON.
  let good = 0;
  let bad = text.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (mayGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  const lines = text.slice(0, good).split('\n');
  const column = (lines.at(-1)?.length ?? 0) + 1;
  return `The mistake is at position ${good} (line ${lines.length} column ${column}).`;
}

/** Whether it is JSON, or the beginning of some. */
function mayGoOn(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const said = error instanceof Error ? error.message : '';
    const [, position] = / at position (\d+)/.exec(said) ?? [];
    return position === undefined
      ? said.startsWith('Unexpected end')
      : Number(position) === text.length;
  }
}
