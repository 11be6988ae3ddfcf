/** The policy's view: written, checked, tried, saved, put in force and taken back. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';
import { violationsOf } from './axe.ts';
import { hasBrowser, launch, visit } from './browser.ts';
import { overflowOf } from './in-page.ts';
import { WIDTHS } from './fine.ts';

describe.skipIf(!hasBrowser)('the policy', () => {
  let browser: Browser;
  let whole: WholeGateway;
  beforeAll(async () => {
    whole = await startTestGateway();
    for (const text of [EASY, EASY, HARD]) await whole.chat(text);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await whole?.close();
  });

  const on = (
    view: string,
    act: (page: Page) => Promise<void>,
    isExpected?: (complaint: string) => boolean,
  ): Promise<void> => visit(browser, `${whole.gateway.url}/dashboard${view}`, act, isExpected);

  /** The browser says itself when the gateway refuses what the test wants refused. */
  const isRefusal = (complaint: string): boolean => complaint.includes('status of 400');

  test('a policy is written, checked at its place, saved, compared, put in force and taken back', async () => {
    await on(
      '/policy',
      async (page) => {
        const editor = page.getByRole('textbox', { name: 'Text' });
        await editor.waitFor();
        await expect.poll(() => editor.innerText()).toContain('complexityBelow: 0.4');
        await editor.press('Control+End');
        await page.keyboard.type('rulez: []');
        await page.locator('.cm-lint-marker-error').waitFor();
        await page.getByRole('button', { name: 'Save as a version' }).click();
        expect(await page.getByRole('alert').innerText()).toContain('rulez');
        await editor.press('Control+End');
        for (let keys = 0; keys < 'rulez: []'.length; keys++) await editor.press('Backspace');
        await page.getByLabel('Mode').selectOption('observe');
        await page.getByRole('button', { name: 'Write it into the text' }).click();
        await expect.poll(() => editor.innerText()).toContain('mode: observe');
        await page.getByLabel('Note').fill('looking first');
        await page.getByRole('button', { name: 'Save and put in force' }).click();
        const status = page.getByRole('region', { name: 'In force' });
        await status.getByText('observe').waitFor();
        const versions = page.getByRole('region', { name: 'Versions' });
        await versions.getByText('looking first').waitFor();
        await page.setViewportSize({ width: 390, height: 800 });
        const table = versions.getByRole('group');
        expect(await table.evaluate((part) => part.scrollWidth - part.clientWidth)).toBe(0);
        await page.setViewportSize({ width: 1280, height: 800 });
        await versions
          .getByRole('button', { name: /^Compare the text with/ })
          .last()
          .click();
        await page.getByText('are marked').waitFor();
        await versions.getByRole('button', { name: 'Back to the one before' }).click();
        await status.getByText('on', { exact: true }).waitFor();
        await page
          .getByRole('region', { name: 'Who did what' })
          .getByText('Back to the policy before')
          .waitFor();
      },
      isRefusal,
    );
  });

  test('what is written is tried on the ledger, and the requests that would go elsewhere are named', async () => {
    await on('/policy', async (page) => {
      const editor = page.getByRole('textbox', { name: 'Text' });
      await expect.poll(() => editor.innerText()).toContain('complexityBelow: 0.4');
      await page.getByLabel('Mode').selectOption('off');
      await page.getByRole('button', { name: 'Write it into the text' }).click();
      await page.getByRole('button', { name: 'Simulate', exact: true }).click();
      const simulation = page.getByRole('region', { name: 'Simulate on the ledger' });
      await simulation.getByRole('rowheader', { name: 'Expected quality' }).waitFor();
      const moved = simulation.getByRole('group', { name: /^Requests that would go elsewhere/ });
      expect(await moved.innerText()).toContain('large cloud/gpt-4o');
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        expect([width, await violationsOf(page), await overflowOf(page)]).toEqual([width, [], 0]);
      }
      await moved.getByRole('link').first().click();
      await page.getByRole('region', { name: 'Why' }).waitFor();
      await page.goBack();
      await expect.poll(() => editor.innerText()).toContain('mode: off');
    });
  });

  test('a text is not saved over a newer version, whose differences are shown', async () => {
    await on(
      '/policy',
      async (page) => {
        const editor = page.getByRole('textbox', { name: 'Text' });
        await expect.poll(() => editor.innerText()).toContain('complexityBelow: 0.4');
        await whole.post('/admin/policies', { text: simplePolicy('mode: shadow'), note: 'theirs' });
        await editor.press('Control+End');
        await page.keyboard.type('# mine');
        const save = page.getByRole('button', { name: 'Save as a version' });
        await save.click();
        const alert = page.getByRole('alert');
        await alert.waitFor();
        expect(await alert.innerText()).toContain('Nothing was saved');
        await alert.getByText('Differences as lines').click();
        expect(await alert.locator('pre').innerText()).toContain('-mode: shadow');
        expect(await editor.innerText()).toContain('# mine');
        await save.click();
        await expect.poll(() => alert.count()).toBe(0);
      },
      (complaint) => complaint.includes('status of 409'),
    );
  });
});
