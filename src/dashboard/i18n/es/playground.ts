import type { Catalogue } from '../en/index.ts';

export const playground: Catalogue['playground'] = {
  about:
    'Un chat con la misma política, restricciones y límites que cualquier cliente. Lo escrito no sale de esta pestaña.',
  aboutCompare:
    'El mismo mensaje al modelo pequeño y al grande. Las dos respuestas son peticiones reales y cuestan lo que cuestan.',
  aboutExplain: 'Adónde iría un mensaje, y por qué. No se pregunta a ningún modelo.',
  message: 'Mensaje',
  send: 'Enviar',
  compare: 'Preguntar a los dos',
  explain: 'Explicar',
  stop: 'Parar',
  keys: 'Intro envía; Mayús e Intro empiezan otra línea.',
  options: 'Modelo, instrucciones, herramientas, esquema, imagen',
  model: 'Modelo',
  key: 'Clave de un cliente (no sale de esta pestaña)',
  ownKey: 'Clave de un cliente (no sale de esta pestaña; sin ella: `dashboard`)',
  system: 'Instrucciones del sistema',
  tools: 'Herramientas (lista JSON)',
  schema: 'Esquema de la respuesta (JSON Schema)',
  picture: 'Imagen',
  chosenPicture: 'La imagen elegida',
  removePicture: 'Quitar la imagen',
  stream: 'Respuesta en flujo',
  notJson: (problem) => `Las herramientas y el esquema deben ser JSON: ${problem}`,
  exchange: 'Pregunta y respuesta',
  waiting: 'Esperando el primer token…',
  emptyAnswer: 'La respuesta llegó vacía.',
  calls: 'llama a',
  allOfIt: 'Todo sobre esta petición',
  startAnew: 'Empezar de nuevo',
  destination: 'Iría a',
};
