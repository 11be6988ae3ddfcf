/** Runs axe-core in a page. Its script goes in by the debugger: the page's own rules let no other script run. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

interface Found {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** All that axe knows; or what another scheme alone can change of a page that was looked at. */
export type Looks = 'all' | 'colours';

const OPTIONS: Readonly<Record<Looks, object>> = {
  all: {},
  colours: { runOnly: ['color-contrast', 'link-in-text-block'] },
};

/** Violations of any impact, a line each. */
export async function violationsOf(page: Page, looks: Looks = 'all'): Promise<readonly string[]> {
  const debug = await page.context().newCDPSession(page);
  // Once a document: its 500 kB take longer to read than most pages to be looked at.
  const there = await debug.send('Runtime.evaluate', { expression: 'typeof axe' });
  if (there.result.value === 'undefined')
    await debug.send('Runtime.evaluate', { expression: axe.source });
  const options = JSON.stringify({ resultTypes: ['violations'], ...OPTIONS[looks] });
  const { result, exceptionDetails } = await debug.send('Runtime.evaluate', {
    expression: `axe.run(document, ${options}).then(({ violations }) => JSON.stringify(violations))`,
    awaitPromise: true,
  });
  await debug.detach();
  if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
  const violations = JSON.parse(String(result.value)) as readonly Found[];
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}
