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
  checkVisibility(how: { readonly visibilityProperty: boolean }): boolean;
}

// Of the browser's globals, these are needed; the tests themselves run in Node.
declare const document: {
  readonly documentElement: PageElement;
  readonly activeElement: PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
};
declare function getComputedStyle(of: PageElement): {
  readonly outlineStyle: string;
  readonly boxShadow: string;
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

/** What can be done in the page, in the document's order: what is hidden, switched off or one of a group's radio buttons is left out. */
const CONTROLS =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]';

export const controlsOf = async (page: Page) =>
  await page.evaluate((selector) => {
    const all = [...document.querySelectorAll(selector)];
    return all.flatMap((one, control) =>
      one.checkVisibility({ visibilityProperty: true })
        ? [{ control, name: `${one.tagName} ${one.textContent ?? ''}`.slice(0, 80) }]
        : [],
    );
  }, CONTROLS);

/** The control that has the keyboard, by its place, and whether that can be seen; undefined where none of the page has it. */
export const focusedControl = async (page: Page) =>
  await page.evaluate((selector) => {
    const focused = document.activeElement;
    if (focused === null || focused.tagName === 'BODY') return undefined;
    const all = [...document.querySelectorAll(selector)];
    // An editor in a shadow root: its host is what the document knows.
    const control = all.indexOf(focused);
    const { outlineStyle, boxShadow } = getComputedStyle(focused);
    return { control, isSeen: outlineStyle !== 'none' || boxShadow !== 'none' };
  }, CONTROLS);
