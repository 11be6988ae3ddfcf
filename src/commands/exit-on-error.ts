/** Runs a command: a failure is one line on standard error and exit code 1, without a stack trace. */
import { own } from '../lib/own.ts';
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
  return `smallfirst: ${fileTrouble(error) ?? (error instanceof Error ? error.message : String(error))}`;
}

const TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of its path is a file, not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
};

/** Node's words for a file that cannot be opened, read or written, without its error codes. */
function fileTrouble(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const why = typeof error.code === 'string' ? own(TROUBLES, error.code) : undefined;
  if (why === undefined) return undefined;
  if ('path' in error) return `'${String(error.path)}' cannot be used: ${why}.`;
  // Reading a folder is the one mistake for which Node does not say of what.
  return error.code === 'EISDIR' ? `A file that was named cannot be used: ${why}.` : undefined;
}
