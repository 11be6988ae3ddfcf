/** What is kept for distillation: seen by whom it was asked, and deleted from the page. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';
import { violationsOf } from './axe.ts';
import { hasBrowser, launch, openPage } from './browser.ts';

const env = { ADMIN: 'admin-'.repeat(8), BOT: 'bot-'.repeat(12) };
const config = `auth:
  mode: keys
  adminKey: '\${ADMIN}'
  keys: [{ name: bot, key: '\${BOT}', labels: { consent: distillation } }]`;

describe.skipIf(!hasBrowser)('what is collected', () => {
  let browser: Browser;
  let whole: WholeGateway;
  beforeAll(async () => {
    const policy = simplePolicy('collect: { answers: large, retentionDays: 7 }');
    whole = await startTestGateway({ config, env, policy, store: 'sqlite' });
    const headers = { authorization: `Bearer ${env.BOT}` };
    for (const text of [HARD, `${HARD} Again.`])
      await (await whole.chat(text, {}, { headers })).text();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await whole?.close();
  });

  test.each([
    ['en', 'Admin or viewer key', 'Sign in', 'Collected for distillation'],
    ['es', 'Clave de administración o de lectura', 'Entrar', 'Recogido para destilar'],
  ])('is shown by key and model, without its texts (%s)', async (locale, key, enter, title) => {
    const url = `${whole.gateway.url}/dashboard/keys`;
    const { page, complaints } = await openPage(browser, url, { locale });
    await page.getByLabel(key).fill(env.ADMIN);
    await page.getByRole('button', { name: enter }).click();
    const panel = page.getByRole('region', { name: title });
    await panel.getByRole('row', { name: /bot.*cloud\/gpt-4o.*2.*2/ }).waitFor();
    expect(await panel.innerText()).not.toContain('Prove by induction');
    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('is deleted by key', async () => {
    const { page } = await openPage(browser, `${whole.gateway.url}/dashboard/keys`);
    await page.getByLabel('Admin or viewer key').fill(env.ADMIN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const panel = page.getByRole('region', { name: 'Collected for distillation' });
    await panel.getByText('Delete what is kept').click();
    await panel.getByLabel('Key').fill('bot');
    page.on('dialog', (dialog) => void dialog.accept());
    await panel.getByRole('button', { name: 'Delete', exact: true }).click();
    await panel.getByText('Nothing is kept.').waitFor();
    await page.context().close();
  });
});
