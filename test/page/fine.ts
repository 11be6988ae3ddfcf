import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { violationsOf } from './axe.ts';
import { overflowOf, unfold } from './in-page.ts';

export const WIDTHS = [1280, 390, 320] as const;

/** Where there is a layout of its own: the two narrow widths share one, and differ in what overflows. */
const LAYOUTS: ReadonlySet<number> = new Set([1280, 320]);

/** Words differ by language and colours do not: dark ones are looked at in one of them. */
const schemesIn = (locale: string): readonly ('light' | 'dark')[] =>
  locale === 'en' ? ['light', 'dark'] : ['light'];

/** At every width, what is folded too: no violation that axe knows, nothing wider than the window. */
export async function expectFine(page: Page, what: string, locale: string): Promise<void> {
  // A page has loaded before its words and its view have.
  await page.locator('h1').first().waitFor();
  for (const colorScheme of schemesIn(locale)) {
    // In motion, colours are between two that can be read.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      await unfold(page);
      const looks = colorScheme === 'light' ? 'all' : 'colours';
      const violations = LAYOUTS.has(width) ? await violationsOf(page, looks) : [];
      const found = [what, colorScheme, width, violations, await overflowOf(page)];
      expect(found).toEqual([what, colorScheme, width, [], 0]);
    }
  }
}

/** Two at a time: a page that is looked at keeps one core busy. */
export async function inTwos<T>(
  items: readonly T[],
  look: (item: T) => Promise<void>,
): Promise<void> {
  const halves = [0, 1].map((half) => items.filter((_, at) => at % 2 === half));
  await Promise.all(
    halves.map(async (half) => {
      for (const item of half) await look(item);
    }),
  );
}
