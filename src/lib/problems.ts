/** Mistakes in files written by people: where each is, and what to write instead. */

export interface Problem {
  /** The file as it was named, or another source in its place (an environment variable). */
  readonly file: string;
  /** Both count from 1; 0 = the problem is not at a place in a file. */
  readonly line: number;
  readonly column: number;
  /** What is wrong and what to write instead. Never holds a secret. */
  readonly message: string;
}

/** `file:line:column  message`, the form that editors and terminals turn into a link. */
export function formatProblem({ file, line, column, message }: Problem): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  return `${place}  ${message}`;
}

/** All mistakes of one file at once. `message` is the formatted list. */
export class ProblemsError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'ProblemsError';
    this.problems = problems;
  }
}

/** Sorted by line and column, without duplicates. */
export function inReadingOrder(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return problems
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .filter((problem) => {
      const text = formatProblem(problem);
      if (seen.has(text)) return false;
      seen.add(text);
      return true;
    });
}
