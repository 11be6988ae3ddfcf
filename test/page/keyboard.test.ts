/** Every view by keyboard alone: all that can be done is reached in order, shows where it is, and lets go again. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import { hasBrowser, launch, openPage } from './browser.ts';
import { controlsOf, focusedControl, unfold } from './in-page.ts';
import { VIEWS } from './views.ts';

/** More than any view has to offer. */
const MOST_STOPS = 200;

describe.skipIf(!hasBrowser)('by keyboard alone', () => {
  let browser: Browser;
  let whole: WholeGateway;
  let id: string;
  beforeAll(async () => {
    whole = await startTestGateway();
    id = (await whole.record(await whole.chat(EASY))).id;
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await whole?.close();
  });

  /** Where Tab leads, from the top to the end of the page. */
  async function walk(page: Page): Promise<readonly { control: number; isSeen: boolean }[]> {
    const stops = [];
    for (let stop = 0; stop < MOST_STOPS; stop++) {
      await page.keyboard.press('Tab');
      const found = await focusedControl(page);
      if (found === undefined) return stops;
      // What takes Tab for itself, such as an editor, says how it is left.
      if (stops.at(-1)?.control === found.control) await page.keyboard.press('Escape');
      else stops.push(found);
    }
    throw new Error('Tab does not lead to the end of the page.');
  }

  test.each(VIEWS)('%s', async (view) => {
    const url = `${whole.gateway.url}/dashboard${view.replace('ID', id)}`;
    const { page, complaints } = await openPage(browser, url);
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await unfold(page);
    // The editor stands in a shadow root, of which the document knows nothing.
    const stops = (await walk(page)).filter(({ control }) => control !== -1);
    const reached = new Set(stops.map(({ control }) => control));
    const missed = (await controlsOf(page)).filter(({ control }) => !reached.has(control));
    expect(missed.map(({ name }) => name)).toEqual([]);
    // Places grow in the document's order: nothing jumps.
    const order = stops.map(({ control }) => control);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(stops.filter(({ isSeen }) => !isSeen)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
