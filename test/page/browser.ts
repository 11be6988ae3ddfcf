/** A browser for the built page: whatever the page complains of is remembered, and fails the test. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect } from 'vitest';

const PROGRAM = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find((file) => existsSync(file));

/** Without Debian's package there is nothing to run these tests in. */
export const hasBrowser = PROGRAM !== undefined;
if (!hasBrowser)
  process.stderr.write('SKIPPED: the page needs chromium (apt-get install chromium)\n');

/** For an action, and for what is waited for: half a minute is not enough where a slow machine is busy. */
const PATIENCE_MS = 120_000;

export async function launch(): Promise<Browser> {
  if (PROGRAM === undefined) throw new Error('There is no chromium on the PATH.');
  // Tests run as root in containers, where Chromium's sandbox cannot start.
  return await chromium.launch({
    executablePath: PROGRAM,
    args: ['--no-sandbox'],
    timeout: PATIENCE_MS,
  });
}

export interface OpenPage {
  readonly page: Page;
  /** Errors of the console, exceptions, and what the Content-Security-Policy stopped. */
  readonly complaints: readonly string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  look: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en',
    timezoneId: 'UTC',
    ...look,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints };
}

/** Opens a page, and closes it after `act`; nothing may have complained but what is expected. */
export async function visit(
  browser: Browser,
  url: string,
  act: (page: Page) => Promise<void>,
  isExpected = (_complaint: string): boolean => false,
): Promise<void> {
  const { page, complaints } = await openPage(browser, url);
  await act(page);
  expect(complaints.filter((complaint) => !isExpected(complaint))).toEqual([]);
  await page.context().close();
}
