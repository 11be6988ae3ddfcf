/** How upstreams, meters and the state stand, and where figures come from. */
import type { Phrase } from '../phrasebook.ts';

const STATES: readonly Phrase[] = [
  ['up', 'en marcha'],
  ['being tried again', 'se está probando de nuevo'],
  [
    'down: its requests fail; it is tried again within a minute',
    'caído: sus peticiones fallan; se volverá a probar en menos de un minuto',
  ],
  ['down: {} since {}', 'caído: {0} desde el {1}'],
  ["'{}' is down: {} since {}.", '«{0}» está caído: {1} desde el {2}.'],
  ["it refuses the gateway's key (401)", 'rechaza la clave de la pasarela (401)'],
  ['connection refused', 'conexión rechazada'],
  ['no route to it', 'no hay ruta hasta él'],
  ['no such host', 'no existe ese nombre de máquina'],
  ['its name could not be looked up', 'no se pudo buscar su nombre'],
  ['no connection in time', 'no hubo conexión a tiempo'],
  ['no connection ({})', 'sin conexión ({0})'],
  ['its certificate is not trusted here ({})', 'aquí no se confía en su certificado ({0})'],
  ['it does not trust our certificate', 'no confía en nuestro certificado'],
  ['it speaks another version of TLS', 'habla otra versión de TLS'],
  [
    '{}; the ledger cannot be written, see the log',
    '{0}; no se puede escribir el registro, vea el log',
  ],
  [
    '{}; Redis cannot be used, see the log',
    '{0}; no se puede usar Redis, vea el registro de sucesos',
  ],
  ['shutting down', 'se está apagando'],
  [
    'DEMO: both models are scripted stand-ins and the customers are invented; costs and energy are worked out as if they were real',
    'DEMO: los dos modelos son sustitutos con guion y los clientes son inventados; costes y energía se calculan como si fueran reales',
  ],
];

const FOUND: readonly Phrase[] = [
  ['reachable: {}', 'se llega a él: {0}'],
  ['{#} model', '{0} modelo'],
  ['{#} models', '{0} modelos'],
  ["'{}' is not among them", '«{0}» no está entre ellos'],
  ['model {} is there', 'el modelo {0} está'],
  [
    'it lists no models, so that {} is there is not known',
    'no da lista de modelos, así que no se sabe si {0} está',
  ],
  [
    'it does not list {}: pull or load the model there, or name another',
    'no tiene {0}: descárguelo o cárguelo allí, o nombre otro',
  ],
  [
    'credentials taken; not asked for answers, because they cost money',
    'acepta la clave; no se le piden respuestas, porque cuestan dinero',
  ],
  [
    'its window is not known: write contextTokens, or long requests fail there',
    'no se conoce su ventana: escriba contextTokens, o fallarán allí las peticiones largas',
  ],
  ['window of {} tokens', 'ventana de {0} tokens'],
  [
    '{}: long requests go elsewhere; raise it at the server (Ollama: num_ctx), or take a model with a longer one',
    '{0}: las peticiones largas irán a otro sitio; amplíela en el servidor (Ollama: num_ctx), o tome un modelo con una más larga',
  ],
  ['streams nothing: look at the server’s log', 'no envía nada en flujo: mire el log del servidor'],
  [
    'streams, first token after {} s, about {} tokens/s, usage in the stream',
    'responde en flujo, primer token a los {0} s, unos {1} tokens/s, con los tokens en el flujo',
  ],
  [
    'streams, first token after {} s, about {} tokens/s; no usage in the stream, so tokens are counted here',
    'responde en flujo, primer token a los {0} s, unos {1} tokens/s; sin los tokens en el flujo, así que se cuentan aquí',
  ],
  [
    'has no tools: requests with tools go to the large model',
    'no tiene herramientas: esas peticiones van al modelo grande',
  ],
  ['calls tools', 'llama a herramientas'],
  [
    'was offered a tool and did not call it: tools are weak here',
    'se le ofreció una herramienta y no la llamó: aquí las herramientas funcionan mal',
  ],
  ['honours JSON schemas', 'cumple los esquemas JSON'],
  [
    'does not honour JSON schemas: a rule on request.jsonSchema sends them to the large model',
    'no cumple los esquemas JSON: una regla sobre request.jsonSchema los manda al modelo grande',
  ],
  ['gives token probabilities', 'da las probabilidades de los tokens'],
  [
    'gives no token probabilities: the check `confidence` cannot judge its answers',
    'no da las probabilidades de los tokens: la comprobación `confidence` no puede juzgar sus respuestas',
  ],
  ['stops when a caller hangs up', 'se detiene cuando quien llama cuelga'],
  [
    'seems to go on after a caller hangs up: the next request took {} s',
    'parece seguir cuando quien llama cuelga: la petición siguiente tardó {0} s',
  ],
  ['it refused ({})', 'lo rechazó ({0})'],
  ['a stream: {}', 'un flujo: {0}'],
  ['tools: {}', 'herramientas: {0}'],
  ['a JSON schema: {}', 'un esquema JSON: {0}'],
  ['token probabilities: {}', 'probabilidades de los tokens: {0}'],
  ['a cancelled request: {}', 'una petición cancelada: {0}'],
];

const METERS: readonly Phrase[] = [
  [
    'there are no RAPL counters here (virtual machines and most containers hide them; mount /sys/class/powercap into a container)',
    'aquí no hay contadores RAPL (las máquinas virtuales y casi todos los contenedores los ocultan; monte /sys/class/powercap en el contenedor)',
  ],
  [
    'it needs `energy.prometheus: { url: …, query: … }`, a query that gives watts',
    'necesita `energy.prometheus: { url: …, query: … }`, una consulta que dé vatios',
  ],
  [
    'it needs `energy.fixedWatts`: what the machine draws while it answers',
    'necesita `energy.fixedWatts`: lo que consume la máquina mientras responde',
  ],
  [
    'there is no amdgpu power sensor under hwmon',
    'no hay ningún sensor de potencia amdgpu en hwmon',
  ],
  ['there is no battery', 'no hay batería'],
  ['this is not a Mac', 'esto no es un Mac'],
  ['{} does not start: {}', '{0} no arranca: {1}'],
  [
    '{}. It needs a line in sudoers: %admin ALL=(root) NOPASSWD: /usr/bin/powermetrics',
    '{0}. Necesita una línea en sudoers: %admin ALL=(root) NOPASSWD: /usr/bin/powermetrics',
  ],
  [
    'powermetrics CPU + GPU power, an estimate of the chip',
    'powermetrics, potencia de CPU + GPU, una estimación del chip',
  ],
  [
    'processor of {} W (unknown: 15 to 250 W) x load',
    'procesador de {0} W (desconocido: 15 a 250 W) x carga',
  ],
  ['processor of {} W x load', 'procesador de {0} W x carga'],
  [
    'configuration: {} W while answering, {} W otherwise',
    'configuración: {0} W al responder, {1} W si no',
  ],
  ['Prometheus query {}', 'consulta de Prometheus {0}'],
  ['{} to {} W x time', 'de {0} a {1} W x tiempo'],
];

const SOURCES: readonly Phrase[] = [
  ['{}, above idle, alone', '{0}, por encima del reposo, en solitario'],
  ['{}, above idle, shared by time', '{0}, por encima del reposo, repartida por tiempo'],
  ['{}; power not seen yet, assumed', '{0}; aún no se ha visto su potencia, se supone'],
  ['{}; silent, its last power', '{0}; no dice nada, su última potencia'],
  ['modelled: {}', 'modelada: {0}'],
  ['measured: {}', 'medida: {0}'],
  ['attributed: {}', 'atribuida: {0}'],
  [
    'EcoLogits equations ({}) + prefill extension',
    'ecuaciones de EcoLogits ({0}) + extensión de prefill',
  ],
  ['electricity at {} USD/kWh, modelled', 'electricidad a {0} USD/kWh, modelada'],
  ['electricity at {} USD/kWh, measured', 'electricidad a {0} USD/kWh, medida'],
  ['electricity at {} USD/kWh, attributed', 'electricidad a {0} USD/kWh, atribuida'],
  ['configuration', 'configuración'],
  [
    'the cost that the upstream reported with its usage',
    'el coste que dijo el servidor con sus tokens',
  ],
  ['the fee of this route in the configuration', 'la tarifa de esta ruta en la configuración'],
  ['{} yearly average, Ember, {}', '{0}, media anual, Ember, {1}'],
  ['{} ({} does not say)', '{0} ({1} no lo dice)'],
  ['live, {}', 'en directo, {0}'],
];

export const machines: readonly Phrase[] = [...STATES, ...FOUND, ...METERS, ...SOURCES];
