/** Every view, in both languages and schemes, at three widths: no violation that axe knows, nothing wider than the window. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EASY, HARD, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import { violationsOf } from './axe.ts';
import { hasBrowser, launch, openPage } from './browser.ts';
import { overflowOf, unfold } from './in-page.ts';
import { VIEWS, WIDTHS } from './views.ts';

const LOOKS = ['en', 'es'].flatMap((locale) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ locale, colorScheme })),
);

describe.skipIf(!hasBrowser)('the page is for everybody', () => {
  let browser: Browser;
  let whole: WholeGateway;
  let id: string;
  beforeAll(async () => {
    whole = await startTestGateway();
    for (const text of [EASY, HARD]) id = (await whole.record(await whole.chat(text))).id;
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await whole?.close();
  });

  test.each(LOOKS)('in $locale, $colorScheme', async (look) => {
    for (const view of VIEWS) {
      const url = `${whole.gateway.url}/dashboard${view.replace('ID', id)}`;
      const { page, complaints } = await openPage(browser, url, look);
      await page.waitForLoadState('networkidle').catch(() => undefined);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        // Every part is looked at, also what is folded.
        await unfold(page);
        const found = [view, width, await violationsOf(page), await overflowOf(page), complaints];
        expect(found).toEqual([view, width, [], 0, []]);
      }
      await page.context().close();
    }
  });
});
