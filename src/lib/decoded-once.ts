/** Percent escapes undone once; a text with one that stands for no character stays as it is. */
export function decodedOnce(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
