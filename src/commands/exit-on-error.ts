/** Runs a command: a failure is one clear line on stderr and exit code 1, never a stack trace. */
import { ProblemsError } from '../lib/problems.ts';

export async function exitOnError(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${inWords(error)}\n`);
    process.exitCode = 1;
  }
}

function inWords(error: unknown): string {
  if (error instanceof ProblemsError) return error.message;
  return error instanceof Error ? `smallfirst: ${error.message}` : `smallfirst: ${String(error)}`;
}
