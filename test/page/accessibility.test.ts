/** Every view, in both languages and schemes, at three widths: no violation that axe knows, nothing wider than the window (`fine.ts`). */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EASY, HARD, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import { hasBrowser, launch, openPage } from './browser.ts';
import { expectFine, inTwos } from './fine.ts';
import { VIEWS } from './views.ts';

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

  test.each(['en', 'es'])('in %s', async (locale) => {
    await inTwos(VIEWS, async (view) => {
      const url = `${whole.gateway.url}/dashboard${view.replace('ID', id)}`;
      const { page, complaints } = await openPage(browser, url, { locale });
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await expectFine(page, view, locale);
      expect(complaints).toEqual([]);
      await page.context().close();
    });
  });
});
