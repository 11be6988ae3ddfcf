/** One request with a fault in it must not end all others. */

/**
 * Reports promises whose rejection nothing handles, and goes on. What else the request holds ends by its limits. An exception that
 * nothing catches still ends the process: what it broke off may have left anything half done.
 */
export function outliveRejections(report: (error: unknown) => void): void {
  process.on('unhandledRejection', (error) => report(error));
}
