/**
 * What `read` makes of a file that comes with the package.
 * @param name as the source tree names it, below `src/`
 * @throws an error that names the file and says what to do, where it is damaged or missing
 */
export function shippedFile<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(
      `src/${name} cannot be used: ${error instanceof Error ? error.message : 'unreadable'}; install the package again`,
      { cause: error },
    );
  }
}
