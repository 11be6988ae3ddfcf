/** What somebody does on the page survives what the gateway tells by itself. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import { hasBrowser, launch, openPage } from './browser.ts';
import { focusOf, scrollDown, scrollOf, selectIn, selectionOf } from './in-page.ts';

const UPDATES = 20;

describe.skipIf(!hasBrowser)('a live update', () => {
  let browser: Browser;
  let whole: WholeGateway;
  beforeAll(async () => {
    whole = await startTestGateway();
    for (let each = 0; each < 25; each++) await whole.chat(EASY);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await whole?.close();
  });

  const rowsOf = async (page: Page): Promise<number> =>
    await page.locator('.requests tbody tr').count();

  test('adds new requests at the top, each once', async () => {
    const { page, complaints } = await openPage(browser, `${whole.gateway.url}/dashboard/requests`);
    await page.waitForSelector('.requests tbody tr');
    const before = await rowsOf(page);
    await whole.chat(EASY);
    await expect.poll(() => rowsOf(page)).toBe(before + 1);
    const links = await page
      .locator('.col-time a')
      .evaluateAll((all) => all.map((each) => each.getAttribute('href')));
    expect(new Set(links).size).toBe(links.length);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test(`keeps focus, scroll and typed text over ${UPDATES} of them`, async () => {
    const { page, complaints } = await openPage(browser, `${whole.gateway.url}/dashboard/requests`);
    await page.waitForSelector('.requests tbody tr');
    const search = page.getByRole('searchbox');
    await search.fill('open');
    await page.waitForSelector('.requests tbody tr');
    await page.locator('.col-time a').nth(20).focus();
    const place = async () => [await scrollOf(page), (await focusOf(page)).href];
    await scrollDown(page, 5);
    const before = await place();
    for (let each = 0; each < UPDATES; each++) await whole.chat(EASY);
    const waiting = page.getByRole('button', { name: `${UPDATES} new` });
    await waiting.waitFor();
    expect(await place()).toEqual(before);
    expect(await search.inputValue()).toBe('open');
    const shown = await rowsOf(page);
    await waiting.click();
    await expect.poll(() => rowsOf(page)).toBe(shown + UPDATES);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('waits while the list is paused', async () => {
    const { page } = await openPage(browser, `${whole.gateway.url}/dashboard/requests`);
    await page.waitForSelector('.requests tbody tr');
    const before = await rowsOf(page);
    await page.getByRole('button', { name: 'Pause' }).click();
    await whole.chat(EASY);
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect(await rowsOf(page)).toBe(before);
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => rowsOf(page)).toBe(before + 1);
    await page.context().close();
  });

  test('reaches the page by asking, where 20 others are told', async () => {
    const ended = new AbortController();
    let told = 0;
    // The page of the test before may still hold its place for a moment.
    const more = async (): Promise<number> => {
      const { status } = await fetch(`${whole.gateway.url}/admin/events`, ended);
      if (status === 200) told += 1;
      return told;
    };
    await expect.poll(more, { interval: 1 }).toBe(20);
    const { page } = await openPage(browser, `${whole.gateway.url}/dashboard/requests`);
    await page.waitForSelector('.requests tbody tr');
    const before = await rowsOf(page);
    await whole.chat(EASY);
    await expect.poll(() => rowsOf(page)).toBe(before + 1);
    ended.abort();
    await page.context().close();
  });

  test('does not make the list longer than it was; what fell off can be loaded again', async () => {
    for (let each = 0; each < 30; each++) await whole.chat(EASY);
    const { page, complaints } = await openPage(browser, `${whole.gateway.url}/dashboard/requests`);
    await page.waitForSelector('.requests tbody tr');
    const before = await rowsOf(page);
    const id = (await whole.chat(EASY)).headers.get('x-request-id') ?? '';
    await page.locator(`.requests tbody tr:first-child a[href$="${id}"]`).waitFor();
    expect(await rowsOf(page)).toBe(before);
    await page.getByRole('button', { name: 'Load older ones' }).click();
    await expect.poll(() => rowsOf(page)).toBeGreaterThan(before + 1);
    const links = await page
      .locator('.col-time a')
      .evaluateAll((all) => all.map((each) => each.getAttribute('href')));
    expect(new Set(links).size).toBe(links.length);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test(`keeps what is open, selected and typed in the other views over ${UPDATES} of them`, async () => {
    const { page, complaints } = await openPage(browser, `${whole.gateway.url}/dashboard/keys`);
    await page.getByText('Set a budget').click();
    const name = page.getByRole('region', { name: 'Budgets' }).getByLabel('Name');
    await name.fill('half-typed');
    await selectIn(page, 2, 6);
    // The view asks by itself now and then; beside it come events.
    for (let each = 0; each < UPDATES; each++) {
      if (each % 10 === 0) await page.waitForResponse(/\/admin\/budgets$/);
      await whole.chat(EASY);
    }
    expect(await name.inputValue()).toBe('half-typed');
    expect(await selectionOf(page)).toEqual([2, 6]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
