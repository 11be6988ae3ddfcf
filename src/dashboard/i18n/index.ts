/** The words of the page. A key that one language lacks does not compile. */
import { computed, type ReadonlySignal } from '@preact/signals';
import { language, type Language } from '../settings.ts';
import { en, type Catalogue } from './en/index.ts';
import { es } from './es/index.ts';

const catalogues: Readonly<Record<Language, Catalogue>> = { en, es };

/** The catalogue of the chosen language: `t.value.requests.title`. */
export const t: ReadonlySignal<Catalogue> = computed(() => catalogues[language.value]);
