/** Every view while there is nothing, while the gateway fails, and when it has gone: for everybody too, and with words for it. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import { hasBrowser, launch, openPage } from './browser.ts';
import { expectFine, inTwos } from './fine.ts';
import { startProxy } from './proxy.ts';
import { VIEWS } from './views.ts';

/** Of the gateway's own words. */
const FAILED = 'It failed, and the log says why.';

describe.skipIf(!hasBrowser)('a view is for everybody', () => {
  let browser: Browser;
  let empty: WholeGateway;
  let used: WholeGateway;
  let id: string;
  beforeAll(async () => {
    [empty, used] = await Promise.all([startTestGateway(), startTestGateway()]);
    id = (await used.record(await used.chat(EASY))).id;
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await empty?.close();
    await used?.close();
  });

  const viewsOf = (whole: WholeGateway) =>
    VIEWS.map((view) => [view, `${whole.gateway.url}/dashboard${view.replace('ID', id)}`] as const);

  test.each(['en', 'es'])('while it is empty, in %s', async (locale) => {
    await inTwos(viewsOf(empty), async ([view, url]) => {
      // A request that is not there is a failure, not an empty view.
      if (view.includes('ID')) return;
      const { page, complaints } = await openPage(browser, url, { locale });
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await expectFine(page, view, locale);
      expect(complaints).toEqual([]);
      await page.context().close();
    });
  });

  test('on a narrow screen the reason of a signal is below its name', async () => {
    const url = `${used.gateway.url}/dashboard/requests/${id}`;
    const { page } = await openPage(browser, url, { viewport: { width: 390, height: 800 } });
    const row = page.getByRole('row', { name: /^complexity/ });
    const [name, reason] = await Promise.all([
      row.getByRole('rowheader').boundingBox(),
      row.getByRole('cell').last().boundingBox(),
    ]);
    expect(reason!.y).toBeGreaterThanOrEqual(name!.y + name!.height);
    expect(reason!.x).toBe(name!.x);
    await page.context().close();
  });

  test.each(['en', 'es'])('while the gateway fails, in %s', async (locale) => {
    await inTwos(viewsOf(used), async ([view, url]) => {
      const { page } = await openPage(browser, 'about:blank', { locale });
      await page.route(/\/(?:admin|v1)\/(?!session)/, async (route) => {
        const error = { message: FAILED, type: 'server_error', param: null, code: null };
        await route.fulfill({ status: 500, json: { error } });
      });
      await page.goto(url);
      if (ASKS.test(view)) await page.getByText(FAILED).first().waitFor();
      // What failed is not on its way any more.
      await page
        .locator('.chart-empty', { hasText: /(?:Loading|Cargando) ?…/ })
        .first()
        .waitFor({ state: 'detached' });
      // That there is nothing is not known.
      if (view === '/requests') expect(await page.locator('.empty-title').count()).toBe(0);
      await expectFine(page, view, locale);
      await page.context().close();
    });
  });

  test('figures of one period do not stand under the name of another that could not be had', async () => {
    const { page } = await openPage(browser, `${used.gateway.url}/dashboard`);
    await page.locator('.tile').first().waitFor();
    await page.route(/\/admin\/(?:summary|series)/, async (route) => {
      await route.fulfill({ status: 500, json: { error: { message: FAILED, code: null } } });
    });
    await page.getByRole('button', { name: '7 days' }).click();
    await page.getByText(FAILED).first().waitFor();
    expect(await page.locator('.tile').count()).toBe(0);
    await page.context().close();
  });

  test.each(['en', 'es'])('when the gateway has gone, in %s', async (locale) => {
    await inTwos(viewsOf(used), async ([view, url]) => {
      const proxy = await startProxy(used.gateway.url);
      const { page } = await openPage(browser, url.replace(used.gateway.url, proxy.url), {
        locale,
      });
      await page.waitForLoadState('networkidle').catch(() => undefined);
      proxy.cut();
      const banner = page.locator('main.is-stale .notice-bad').first();
      await banner.waitFor();
      expect(await banner.innerText()).toMatch(/\d\d:\d\d:\d\d/);
      await expectFine(page, view, locale);
      await page.context().close();
      proxy.close();
    });
  });
});

/** The views that show nothing without the gateway; others ask when somebody does something. */
const ASKS = /^$|requests|upstreams|energy|policy|keys/;
