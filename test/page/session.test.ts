/** Signing in: with an admin's key, with a viewer's, and what stays when a session ends. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import { violationsOf } from './axe.ts';
import { hasBrowser, launch, openPage, type OpenPage } from './browser.ts';
import { startProxy, type Proxy } from './proxy.ts';

const env = { ADMIN: 'admin-'.repeat(8), EYE: 'eye-'.repeat(12) };
const config = `auth: { mode: keys, adminKey: '\${ADMIN}', viewerKey: '\${EYE}' }`;

describe.skipIf(!hasBrowser)('behind keys', () => {
  let browser: Browser;
  let whole: WholeGateway;
  beforeAll(async () => {
    whole = await startTestGateway({ config, env });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await whole?.close();
  });

  async function signedIn(view: string, key: string): Promise<OpenPage> {
    const opened = await openPage(browser, `${whole.gateway.url}/dashboard${view}`);
    await opened.page.getByLabel('Admin or viewer key').fill(key);
    await opened.page.getByRole('button', { name: 'Sign in' }).click();
    await opened.page.getByRole('navigation').waitFor();
    return opened;
  }

  test('nothing is complained of before a key was typed, and axe finds nothing', async () => {
    const { page, complaints } = await openPage(browser, `${whole.gateway.url}/dashboard`);
    await page.getByLabel('Admin or viewer key').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('a wrong key is refused in words', async () => {
    const { page } = await openPage(browser, `${whole.gateway.url}/dashboard`);
    await page.getByLabel('Admin or viewer key').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    await page.context().close();
  });

  test('an admin stays signed in over a reload, and signs out', async () => {
    const { page, complaints } = await signedIn('/settings', env.ADMIN);
    await page.reload();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Admin or viewer key').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('a viewer sees all of it, and every button that changes something is off', async () => {
    const { page } = await signedIn('/upstreams', env.EYE);
    const check = page.getByRole('button', { name: 'Check now: cloud' });
    await check.waitFor();
    expect(await check.isDisabled()).toBe(true);
    await page.getByRole('link', { name: 'Policy' }).click();
    expect(await page.getByRole('button', { name: 'Save and put in force' }).isDisabled()).toBe(
      true,
    );
    await page.context().close();
  });

  test('who is signed in chats without a key of a caller, as `dashboard`', async () => {
    const { page, complaints } = await signedIn('/playground', env.ADMIN);
    await page.getByLabel('Message').fill('Hello');
    await page.getByLabel('Message').press('Enter');
    await page.getByRole('link', { name: 'All about this request' }).click();
    await page.getByText('dashboard', { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('a session that ends loses no text', async () => {
    const { page } = await signedIn('/policy', env.ADMIN);
    const editor = page.getByRole('textbox', { name: 'Text' });
    await expect.poll(() => editor.innerText()).toContain('complexityBelow');
    await editor.press('Control+End');
    await page.keyboard.type('# mine');
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Save as a version' }).click();
    await page.getByText('Your session has ended').waitFor();
    expect(await editor.innerText()).toContain('# mine');
    await page.getByLabel('Admin or viewer key').fill(env.ADMIN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Your session has ended').waitFor({ state: 'detached' });
    expect(await editor.innerText()).toContain('# mine');
    await page.context().close();
  });
});

describe.skipIf(!hasBrowser)('behind a proxy that shows it below a path', () => {
  const BASE = '/ai/smallfirst';
  let browser: Browser;
  let whole: WholeGateway;
  let proxy: Proxy;
  beforeAll(async () => {
    whole = await startTestGateway({ config, env, server: `, basePath: ${BASE}` });
    proxy = await startProxy(whole.gateway.url, BASE);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    proxy?.close();
    await whole?.close();
  });

  test('signing in, every link, a chat and live news stay below it', async () => {
    const { page, complaints } = await openPage(browser, `${proxy.url}/dashboard/requests`);
    await page.getByLabel('Admin or viewer key').fill(env.ADMIN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Playground' }).click();
    await page.getByLabel('Message').fill('Hello');
    await page.getByLabel('Message').press('Enter');
    await page.getByRole('link', { name: 'All about this request' }).waitFor();
    await page.getByRole('link', { name: 'Requests', exact: true }).click();
    await page.waitForSelector('.requests tbody tr');
    const links = await page
      .locator('a')
      .evaluateAll((all) => all.map((each) => each.getAttribute('href')));
    expect(links.filter((link) => !link?.startsWith(`${BASE}/`) && !link?.startsWith('#'))).toEqual(
      [],
    );
    const [cookie] = await page.context().cookies(`${proxy.url}/`);
    expect(cookie?.path).toBe(BASE);
    await page.reload();
    await page.waitForSelector('.requests tbody tr');
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
