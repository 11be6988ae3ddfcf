/** The style sheets' colours, as a canvas needs them: resolved for the scheme that is shown. */
import { signal } from '@preact/signals';
import { theme } from '../settings.ts';

/** Grows when the colours have changed: what is drawn with them is drawn again. */
export const schemes = signal(0);

/** Follows the system's scheme and the reader's choice. */
export function followScheme(): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  theme.subscribe(() => queueMicrotask(changed));
}

function changed(): void {
  schemes.value += 1;
}

export type Colour =
  | 'chart-1'
  | 'chart-2'
  | 'chart-3'
  | 'chart-4'
  | 'chart-5'
  | 'chart-6'
  | 'small'
  | 'large'
  | 'pinned'
  | 'bad'
  | 'warn'
  | 'text-quiet'
  | 'line';

/** @param opacity 0 to 1 */
export function colourOf(name: Colour, opacity = 1): string {
  const probe = document.createElement('span');
  probe.style.color = `color-mix(in srgb, var(--${name}) ${100 * opacity}%, transparent)`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const ORDER = ['chart-1', 'chart-2', 'chart-3', 'chart-4', 'chart-5', 'chart-6'] as const;

/** The colour of the line at that place; more lines than colours share the last. */
export const colourAt = (place: number): Colour =>
  ORDER[Math.min(place, ORDER.length - 1)] ?? 'chart-6';
