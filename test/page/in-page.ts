/** What tests do and ask inside the page: these functions run in the browser. */
import type { Page } from 'playwright-core';

interface PageElement {
  readonly id: string;
  readonly tagName: string;
  readonly textContent: string | null;
  readonly scrollWidth: number;
  open: boolean;
  selectionStart: number | null;
  selectionEnd: number | null;
  setSelectionRange(from: number, to: number): void;
  getAttribute(name: string): string | null;
  closest(selector: string): PageElement | null;
}

// Of the browser's globals, these are needed; the tests themselves run in Node.
declare const document: {
  readonly documentElement: PageElement;
  readonly activeElement: PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
};
declare const innerWidth: number;
declare const scrollY: number;
declare function scrollBy(x: number, y: number): void;

/** How far the page is wider than its window, in pixels. */
export const overflowOf = async (page: Page): Promise<number> =>
  await page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));

/** Opens all that is folded. */
export const unfold = async (page: Page): Promise<void> =>
  await page.evaluate(() => {
    for (const part of document.querySelectorAll('details')) part.open = true;
  });

/** What has the keyboard. */
export const focusOf = async (page: Page) =>
  await page.evaluate(() => {
    const { activeElement: focused } = document;
    return {
      id: focused?.id ?? '',
      tag: focused?.tagName ?? '',
      text: focused?.textContent ?? '',
      href: focused?.getAttribute('href') ?? '',
      isOnRow: focused?.closest('.col-time') != null,
    };
  });

export const scrollOf = async (page: Page): Promise<number> => await page.evaluate(() => scrollY);

export const scrollDown = async (page: Page, pixels: number): Promise<void> =>
  await page.evaluate((by) => scrollBy(0, by), pixels);

/** Of the field that has the keyboard. */
export const selectIn = async (page: Page, from: number, to: number): Promise<void> =>
  await page.evaluate(([start, end]) => document.activeElement?.setSelectionRange(start, end), [
    from,
    to,
  ] as const);

export const selectionOf = async (page: Page) =>
  await page.evaluate(() => {
    const { activeElement: focused } = document;
    return [focused?.selectionStart ?? null, focused?.selectionEnd ?? null];
  });
