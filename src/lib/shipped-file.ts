const TO_DO = 'install the package again';

/**
 * What `read` makes of a file that comes with the package.
 * @param name as the source tree names it, below `src/`
 * @throws an error that names the file and says what to do, where it is damaged or missing
 */
export function shippedFile<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unreadable';
    // It was another file that comes with the package, and is named.
    if (why.endsWith(TO_DO)) throw cause;
    throw new Error(`src/${name} cannot be used: ${why}; ${TO_DO}`, { cause });
  }
}
