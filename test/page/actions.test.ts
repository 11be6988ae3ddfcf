/** What can be done on the page, done as somebody would; the last parts by keyboard alone. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EASY, HARD, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import { hasBrowser, launch, visit } from './browser.ts';
import { focusOf, overflowOf } from './in-page.ts';

describe.skipIf(!hasBrowser)('on the page', () => {
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

  const tileOf = async (page: Page, name: string): Promise<string> =>
    await page.locator('.tile', { hasText: name }).locator('.tile-figure').first().innerText();

  test('the overview counts what was asked, and a chosen period stays in the address', async () => {
    await on('', async (page) => {
      await page.waitForSelector('.tiles');
      expect(await tileOf(page, 'Requests')).toBe('3');
      await page.getByRole('button', { name: '7 days' }).click();
      expect(page.url()).toContain('range=7d');
      await page.reload();
      expect(await page.getByRole('button', { name: '7 days' }).getAttribute('aria-pressed')).toBe(
        'true',
      );
      await page.goBack();
      expect(page.url()).not.toContain('range=7d');
    });
  });

  test('every chart has its figures as a table, which leads to the requests of a step', async () => {
    await on('?range=15m', async (page) => {
      const chart = page.getByRole('region', { name: 'Requests by model' }).first();
      await chart.getByText('As a table').click();
      await chart.locator('tbody a').first().click();
      await page.waitForURL(/\/dashboard\/requests\?from=\d+&to=\d+/);
      await page.waitForSelector('.requests tbody tr');
    });
  });

  test('the list is never wider than its window', async () => {
    await on('/requests', async (page) => {
      await expect.poll(() => page.locator('.requests tbody tr').count()).toBe(3);
      for (const width of [1440, 1330, 1270, 1200, 1130, 1060, 1000, 900, 861, 700]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await overflowOf(page), `${width} px`).toBe(0);
      }
    });
  });

  test('filters stand in the address, and are taken from it', async () => {
    await on('/requests?tier=large', async (page) => {
      await expect.poll(() => page.locator('.requests tbody tr').count()).toBe(1);
      expect(await page.getByLabel('Tier').inputValue()).toBe('large');
      await page.getByLabel('Tier').selectOption('small');
      await expect.poll(() => page.locator('.requests tbody tr').count()).toBe(2);
      expect(page.url()).toContain('tier=small');
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await expect.poll(() => page.locator('.requests tbody tr').count()).toBe(3);
      const csv = await page.getByRole('link', { name: 'Download CSV' }).getAttribute('href');
      const lines = (await (await fetch(whole.gateway.url + csv)).text()).trim().split('\n');
      expect(lines).toHaveLength(4);
    });
  });

  test('one request says why, and back leads to the list as it was', async () => {
    await on('/requests?tier=large', async (page) => {
      await page.locator('.col-time a').first().click();
      const why = page.getByRole('region', { name: 'Why' });
      await why.waitFor();
      expect(await why.innerText()).toContain('cloud/gpt-4o answered, the large model.');
      expect(await page.getByRole('region', { name: 'Cost' }).innerText()).toContain('$');
      await page.goBack();
      expect(page.url()).toContain('tier=large');
      await expect.poll(() => page.locator('.requests tbody tr').count()).toBe(1);
    });
  });

  test('a chat is answered, and what it cost and why stands beside it', async () => {
    await on('/playground', async (page) => {
      await page.getByLabel('Message').fill(EASY);
      await page.getByLabel('Message').press('Enter');
      const answer = page.locator('.answer');
      await answer.getByRole('link', { name: 'All about this request' }).waitFor();
      expect(await answer.innerText()).toContain('local/slm');
      await answer.getByRole('button', { name: 'Python' }).click();
      expect(await answer.locator('pre').innerText()).toContain('client.chat.completions.create(');
      expect(await answer.locator('pre').innerText()).toContain(`${whole.gateway.url}/v1`);
    });
  });

  test('tools that are no JSON are refused where they were typed, and the message stays', async () => {
    await on('/playground', async (page) => {
      await page.getByText('Model, system prompt, tools').click();
      await page.getByLabel('Tools').fill('[{');
      await page.getByLabel('Message').fill('Hello');
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('alert').innerText()).toContain('must be JSON');
      expect(await page.getByLabel('Message').inputValue()).toBe('Hello');
    });
  });

  test('both models answer the same message, side by side', async () => {
    await on('/compare', async (page) => {
      await page.getByLabel('Message').fill(EASY);
      await page.getByRole('button', { name: 'Ask both' }).click();
      await expect
        .poll(() => page.getByRole('link', { name: 'All about this request' }).count())
        .toBe(2);
      const text = await page.locator('.columns').innerText();
      expect(text).toContain('local/slm');
      expect(text).toContain('cloud/gpt-4o');
    });
  });

  test('where a message would go is said without asking a model', async () => {
    await on('/explain', async (page) => {
      const asked = whole.cloud.requests.length;
      await page.getByLabel('Message').fill(HARD);
      await page.getByRole('button', { name: 'Explain' }).click();
      const told = page.getByRole('region', { name: 'It would go to' });
      await told.waitFor();
      expect(await told.innerText()).toContain('cloud/gpt-4o');
      expect(whole.cloud.requests).toHaveLength(asked);
    });
  });

  test('an upstream is checked when somebody asks, and says how it stands', async () => {
    await on('/upstreams', async (page) => {
      const cloud = page.getByRole('region', { name: 'cloud' });
      await cloud.getByText('up', { exact: true }).waitFor();
      const asked = whole.cloud.requests.length;
      await cloud.getByRole('button', { name: 'Check now: cloud' }).click();
      await expect.poll(() => whole.cloud.requests.length).toBeGreaterThan(asked);
      await cloud.getByRole('link', { name: 'Its requests' }).click();
      expect(page.url()).toContain('upstream=cloud');
    });
  });

  test('what measures energy is said, and what would narrow its range', async () => {
    await on('/energy', async (page) => {
      const tried = page.getByRole('region', { name: 'Meters that were looked for' });
      await tried.getByRole('rowheader', { name: 'rapl' }).waitFor();
    });
  });

  test('a key is made, shown once, and revoked', async () => {
    await on('/keys', async (page) => {
      page.on('dialog', (dialog) => void dialog.accept());
      await page.getByText('New key').click();
      const keys = page.getByRole('region', { name: 'Keys' });
      await keys.getByLabel('Name').fill('bot');
      await keys.getByLabel('Requests a minute').fill('60');
      await keys.getByRole('button', { name: 'Create key' }).click();
      const secret = await keys.getByRole('status').locator('pre').innerText();
      expect(secret.length).toBeGreaterThan(20);
      await keys.getByText('60 requests/min').waitFor();
      await page.reload();
      await keys.getByText('60 requests/min').waitFor();
      expect(await keys.innerText()).not.toContain(secret);
      await keys.getByRole('button', { name: 'Revoke bot' }).click();
      await keys.getByText('revoked', { exact: true }).waitFor();
    });
  });

  test('a budget is set, and what is left of it is shown', async () => {
    await on('/keys', async (page) => {
      const budgets = page.getByRole('region', { name: 'Budgets' });
      await budgets.getByText('Set a budget').click();
      await budgets.getByLabel('Name').fill('all');
      await budgets.getByLabel('Limit, USD').fill('5');
      await budgets.getByRole('button', { name: 'Set budget' }).click();
      await budgets.getByRole('heading', { name: 'all' }).waitFor();
      expect(await budgets.innerText()).toContain('$5.00');
      await budgets.getByRole('button', { name: 'Remove budget all' }).click();
      await budgets.getByText('No budget is set').waitFor();
    });
  });

  test('a budget burns down on the overview', async () => {
    await whole.post('/admin/budgets', { name: 'burning', usd: 5, per: 'month' });
    await on('', async (page) => {
      const budgets = page.getByRole('region', { name: 'Budgets' });
      await budgets.getByText('of the period is over').waitFor();
      await budgets.getByRole('link').click();
      await page.getByRole('heading', { name: 'burning' }).waitFor();
    });
    await fetch(`${whole.gateway.url}/admin/budgets/burning`, { method: 'DELETE' });
  });

  test('an answer is rated where it was asked for, and beside its request', async () => {
    await on('/playground', async (page) => {
      await page.getByLabel('Message').fill(EASY);
      await page.getByLabel('Message').press('Enter');
      await page.getByRole('button', { name: 'Good answer' }).click();
      await page.getByText('Noted.').waitFor();
      await page.getByRole('link', { name: 'All about this request' }).click();
      const feedback = page.getByRole('region', { name: 'Feedback' });
      await feedback.getByText('1.00').waitFor();
      await feedback.getByRole('button', { name: 'Bad answer' }).click();
      await feedback.getByText('-1.00').waitFor();
    });
  });

  test('language, colours and time zone are kept', async () => {
    await on('/settings', async (page) => {
      await page.getByLabel('Time zone').fill('Asia/Kolkata');
      await page.getByLabel('Colours').selectOption('dark');
      await page.getByLabel('Language').selectOption('es');
      await page.reload();
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Ajustes');
      expect(await page.locator('html').getAttribute('lang')).toBe('es');
      expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
      expect(await page.getByLabel('Zona horaria').inputValue()).toBe('Asia/Kolkata');
      await page.getByLabel('Zona horaria').fill('Mars/Olympus');
      expect(await page.locator('#zone-hint').innerText()).toContain('Mars/Olympus');
    });
  });

  test('names that hold markup stay text', async () => {
    const name = '<img src=x onerror=alert(1)>\u202E';
    await whole.post('/v1/chat/completions', {
      model: name,
      messages: [{ role: 'user', content: EASY }],
    });
    await on('/requests', async (page) => {
      await page.waitForSelector('.requests tbody tr');
      expect(await page.locator('main img').count()).toBe(0);
    });
  });

  test('by keyboard alone: past the navigation, to a request, and back', async () => {
    await on('/requests', async (page) => {
      await page.waitForSelector('.requests tbody tr');
      await page.keyboard.press('Tab');
      expect((await focusOf(page)).text).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      expect((await focusOf(page)).id).toBe('content');
      const isOnRow = async () => (await focusOf(page)).isOnRow;
      for (let tabs = 0; tabs < 40 && !(await isOnRow()); tabs++) await page.keyboard.press('Tab');
      expect(await isOnRow()).toBe(true);
      await page.keyboard.press('Enter');
      await page.getByRole('region', { name: 'Why' }).waitFor();
      expect((await focusOf(page)).tag).toBe('H1');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.requests tbody tr');
    });
  });
});
