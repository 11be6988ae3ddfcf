/** Reads columns of a row as SQLite gives it. */
export type Row = Readonly<Record<string, unknown>>;

export const text = (row: Row, column: string): string => String(row[column]);
export const number = (row: Row, column: string): number => Number(row[column]);
