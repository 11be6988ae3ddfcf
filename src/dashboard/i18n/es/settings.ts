import type { Catalogue } from '../en/index.ts';

export const settings: Catalogue['settings'] = {
  title: 'Ajustes',
  appearance: 'Apariencia',
  language: 'Idioma',
  zone: 'Zona horaria',
  zoneHint: 'Un nombre IANA, como Europe/Madrid.',
  zoneUnknown: (name) => `«${name}» no es una zona horaria que conozca este navegador.`,
  now: (time) => `Allí son las ${time}.`,
  theme: 'Colores',
  themes: { system: 'Como el sistema', light: 'Claro', dark: 'Oscuro' },
  kept: 'Estas opciones se guardan en este navegador.',
};
