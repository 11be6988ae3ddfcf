/** The value of a JSON text; undefined where it is none. */
export function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

const FENCED = /```(?:json)?\s*\n([\s\S]*?)\n?\s*```/i;

/** The one JSON object or list in a text that says something around it; undefined where there is none. */
export function jsonWithin(text: string): string | undefined {
  const fenced = FENCED.exec(text)?.[1];
  const start = text.search(/[{[]/);
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'));
  const spans = [fenced, start < 0 ? undefined : text.slice(start, end + 1)];
  return spans.find((span) => {
    const value = span === undefined ? undefined : parsedJson(span)?.value;
    return typeof value === 'object' && value !== null;
  });
}
