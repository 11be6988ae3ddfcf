/** Runs a command: a failure is one line on standard error and exit code 1, without a stack trace. */
import { ProblemsError } from '../lib/problems.ts';

export async function exitOnError(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${formatError(error)}\n`);
    process.exitCode = 1;
  }
}

function formatError(error: unknown): string {
  if (error instanceof ProblemsError) return error.message;
  return error instanceof Error ? `smallfirst: ${error.message}` : `smallfirst: ${String(error)}`;
}
