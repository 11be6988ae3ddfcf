/** Runs axe-core in a page. Its script goes in by the debugger: the page's own rules let no other script run. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

interface Found {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** Violations of any impact, a line each. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  const debug = await page.context().newCDPSession(page);
  await debug.send('Runtime.evaluate', { expression: axe.source });
  const { result, exceptionDetails } = await debug.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => JSON.stringify(violations))`,
    awaitPromise: true,
  });
  await debug.detach();
  if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
  const violations = JSON.parse(String(result.value)) as readonly Found[];
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}
