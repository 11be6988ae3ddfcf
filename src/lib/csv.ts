/** A line of CSV (RFC 4180, without its end); null = not known, which is an empty cell. */
export const csvLine = (cells: readonly (string | number | null)[]): string =>
  cells.map(csvCell).join(',');

/** Quotes names, and prevents that a spreadsheet takes one for a formula. */
function csvCell(cell: string | number | null): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
