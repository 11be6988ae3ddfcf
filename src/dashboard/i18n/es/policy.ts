import type { Catalogue } from '../en/index.ts';
import { plural } from '../plural.ts';

export const policy: Catalogue['policy'] = {
  inForce: 'En vigor',
  broken: (time) =>
    `El archivo del disco no se puede usar desde ${time}: sigue en vigor la versión de abajo.`,
  name: 'Política',
  mode: 'Modo',
  modes: {
    off: 'off: todo al modelo grande',
    observe: 'observe: decidir y anotar, enviar al grande',
    shadow: 'shadow: preguntar también al otro nivel, en segundo plano',
    canary: 'canary: en vigor para una parte de las conversaciones',
    on: 'on',
  },
  share: 'Parte, de 0 a 1',
  writeMode: 'Escribirlo en el texto',
  file: 'Origen',
  guards: 'Vigilancia',
  keyModes: 'Modos propios de claves',
  text: 'Texto',
  note: 'Nota',
  save: 'Guardar como versión',
  saveAndActivate: 'Guardar y poner en vigor',
  comparedWith: (version) => `Se marcan las diferencias con ${version}.`,
  stopComparing: 'Sin comparar',
  versions: 'Versiones',
  version: 'Versión',
  saved: 'Guardada',
  author: 'Por',
  active: 'en vigor',
  open: 'Abrir',
  openNamed: (version) => `Abrir la versión ${version} en el editor`,
  compare: 'Comparar',
  compareNamed: (version) => `Comparar el texto con la versión ${version}`,
  activate: 'Poner en vigor',
  activateNamed: (version) => `Poner en vigor la versión ${version}`,
  rollBack: 'Volver a la anterior',
  audit: 'Quién hizo qué',
  outdated: (author, time) =>
    `No se guardó nada: ${author} guardó una versión más nueva (${time}), después de cargarse este texto:`,
  outdatedHelp:
    'Las diferencias con ella se marcan en el texto. Tome de ella lo que quiera y guarde otra vez.',
  differences: 'Diferencias por líneas',
};

export const simulation: Catalogue['simulation'] = {
  title: 'Simular con el registro',
  explain:
    'El texto de arriba decide de nuevo las peticiones registradas. No se pregunta a ningún modelo y no cambia nada.',
  period: 'Peticiones de los últimos',
  days: plural('es', { one: 'día', other: 'días' }),
  run: 'Simular',
  busy: 'Simulando…',
  nothing: 'Ninguna petición de ese tiempo se puede decidir de nuevo.',
  replayed: (requests, from, to) => `${requests} peticiones, de ${from} a ${to}.`,
  cut: 'Son las más recientes; la línea de órdenes las toma todas: smallfirst simulate.',
  flipped: (requests, share) => `${requests} (${share}) irían a otro sitio.`,
  compared: 'Antes y después',
  before: 'Antes',
  after: 'Después',
  change: 'Cambio',
  shares: {
    small: 'Al modelo pequeño',
    large: 'Al modelo grande',
    refused: 'Rechazadas',
    masked: 'Con datos personales ocultos',
  },
  cost: 'Coste',
  energy: 'Energía',
  quality: 'Calidad esperada',
  noCost: (requests) => `Sin coste conocido, en ninguna de las sumas: ${requests}.`,
  noEnergy: (requests) => `Sin energía conocida, en ninguna de las sumas: ${requests}.`,
  qualityIs:
    'Calidad esperada: la parte de la calidad del modelo grande que se conserva, según la complejidad registrada y la calibración, con un intervalo del 95 % solo del muestreo.',
  moved: (shown, all) => `Peticiones que irían a otro sitio: ${shown} de ${all}`,
  because: 'Porque',
};
