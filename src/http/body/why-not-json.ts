/** Says where a text stops being JSON and what is commonly wrong there, without a word of it: V8's messages quote what stands around. */

/** UTF-16 units. The mistake in a longer text is not looked for: that parses its beginnings again and again. */
const LONGEST = 65_536;

/** @param text what `JSON.parse` refuses */
export function whyNotJson(text: string): string {
  if (text === '') return 'It is empty.';
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
  const place = `position ${good} (line ${lines.length} column ${column})`;
  return [`The mistake is at ${place}.`, ...usualMistake(text, good)].join(' ');
}

/** @returns a sentence about what stands there, where it is a mistake that is often made, or nothing */
function usualMistake(text: string, at: number): readonly string[] {
  const before = text.slice(0, at);
  const found = text.charAt(at);
  if (before.endsWith('\\')) return ['A backslash in a string is written twice.'];
  if (found < ' ') return ['In a string a line break is written \\n, and a tab \\t.'];
  if (isWhole(before)) return ['The JSON had ended before it.'];
  if (before.trimEnd().endsWith(',') && /[}\]]/.test(found))
    return ['Leave out the comma before it.'];
  if (/['‘’“”`]/.test(found)) return ['Names and strings stand in double quotes: ".'];
  // Where a name in quotes could stand.
  if (/[A-Za-z_$]/.test(found) && mayGoOn(`${before}"":`))
    return ['Names stand in double quotes: ".'];
  if (/[TFNIu]/.test(found)) return ['Write true, false or null; NaN and Infinity are no JSON.'];
  return found === '/' ? ['JSON has no comments.'] : [];
}

const isWhole = (text: string): boolean => complaintOf(text) === undefined;

/** Whether it is JSON, or the beginning of some. */
function mayGoOn(text: string): boolean {
  const said = complaintOf(text);
  if (said === undefined) return true;
  const [, position] = / at position (\d+)/.exec(said) ?? [];
  return position === undefined
    ? said.startsWith('Unexpected end')
    : Number(position) === text.length;
}

/** What V8 says of a text that is not JSON. */
function complaintOf(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}
