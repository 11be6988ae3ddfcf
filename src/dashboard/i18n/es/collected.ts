import type { Catalogue } from '../en/index.ts';

export const collected: Catalogue['collected'] = {
  title: 'Recogido para destilar',
  off: 'La política vigente no recoge nada.',
  on: (days) =>
    `La política vigente recoge, enmascaradas, las respuestas del modelo grande a las claves que consienten, y guarda cada una ${days} días.`,
  when: 'Se recoge si',
  since: 'Desde el inicio',
  results: {
    collected: 'recogidas',
    'no-consent': 'de claves que no consienten',
    'kept-here': 'no deben salir de aquí',
    unmaskable: 'no se pudieron enmascarar',
    unfit: 'no sirven de ejemplo',
    'queue-full': 'demasiadas a la vez',
    failed: 'no se pudieron escribir',
  },
  nothing: 'No hay nada guardado.',
  key: 'Clave',
  model: 'Modelo',
  answers: 'Respuestas',
  conversations: 'Conversaciones',
  oldest: 'La más antigua',
  newest: 'La más reciente',
  remove: 'Borrar lo guardado',
  removeHint: 'Debe cumplirse todo lo que se rellene. Lo borrado se sobrescribe en el fichero.',
  request: 'Conversación de la petición',
  days: 'Anteriores a, días',
  removeIt: 'Borrar',
  sure: '¿Borrarlo para siempre?',
  removed: (count) => `Borradas: ${count}.`,
};
