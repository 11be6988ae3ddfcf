import type { Catalogue } from '../en/index.ts';

export const upstreams: Catalogue['upstreams'] = {
  check: 'Comprobar ahora',
  checkNamed: (name) => `Comprobar ahora: ${name}`,
  checking: 'Comprobando…',
  requests: 'Sus peticiones',
  failures: 'Sus fallos',
  kind: 'Clase',
  localities: { local: 'de este lado', cloud: 'en la nube' },
  model: 'Modelo',
  window: 'Ventana',
  tokens: (count) => `${count} tokens`,
  underWay: 'En curso',
  firstToken: 'Primer token, mediana reciente',
  speed: 'Velocidad, mediana reciente',
  tokensPerSecond: (speed) => `${speed} tokens/s`,
  file: 'Archivo del modelo',
  digest: 'Huella de los pesos',
  capabilities: 'Sabe hacer',
  costSource: 'El coste se sabe por',
  energySource: 'La energía se sabe por',
  lastFailures: 'Últimos fallos',
  found: (name) => `Lo que se encontró: ${name}`,
  verdicts: { ok: 'bien', warn: 'a saber', fail: 'mal' },
};

export const energy: Catalogue['energy'] = {
  now: 'Lo que se usa ahora',
  method: 'Método',
  source: 'Fuente',
  charged: 'Asignada a peticiones desde el arranque',
  width: 'Anchura del intervalo',
  times: (factor) => `el extremo alto es ${factor} veces el bajo`,
  idle: 'Consumo en reposo supuesto',
  grid: 'Red eléctrica',
  narrow:
    'La energía se modela, así que el intervalo es tan ancho como lo que no se sabe. Indique la potencia del procesador (`energy.tdpWatts`) o dé a la pasarela uno de los medidores de abajo: cada línea dice qué necesita.',
  measured:
    'La energía se lee de un medidor; cada línea de abajo dice por qué no se usan los otros.',
  tried: 'Medidores que se buscaron',
  meter: 'Medidor',
  used: 'Usado',
  why: 'Por qué, y qué necesita',
};
