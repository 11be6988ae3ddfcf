/** What a reader chooses: language, time zone and theme. Kept in this browser, sent nowhere. */
import { effect, signal, type Signal } from '@preact/signals';

export const languages = ['en', 'es'] as const;
export type Language = (typeof languages)[number];
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const language = kept<Language>('language', preferredLanguage(), isLanguage);
export const theme = kept<Theme>('theme', 'system', isTheme);
/** An IANA name. */
export const zone = kept<string>(
  'zone',
  new Intl.DateTimeFormat().resolvedOptions().timeZone,
  isZone,
);

/** Whether `Intl` knows the time zone, whichever way it is written. */
export function isZone(name: string): name is string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

function isLanguage(name: string): name is Language {
  return languages.some((each) => each === name);
}

function isTheme(name: string): name is Theme {
  return themes.some((each) => each === name);
}

function preferredLanguage(): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find(isLanguage) ?? 'en';
}

/** A choice that survives a reload; a value that is no longer allowed is forgotten. */
function kept<T extends string>(
  name: string,
  fallback: T,
  isAllowed: (value: string) => value is T,
): Signal<T> {
  const key = `smallfirst.${name}`;
  const stored = localStorage.getItem(key);
  const choice = signal(stored !== null && isAllowed(stored) ? stored : fallback);
  effect(() => {
    if (choice.value === fallback) localStorage.removeItem(key);
    else localStorage.setItem(key, choice.value);
  });
  return choice;
}

/** Marks the document with the choices, so that style sheets and screen readers follow them. */
export function followSettings(root: HTMLElement): void {
  effect(() => {
    root.lang = language.value;
  });
  effect(() => {
    if (theme.value === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme.value;
  });
}
