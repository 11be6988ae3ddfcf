/** Reasons of signals, rules, constraints and checks, and what would have decided otherwise. */
import type { Phrase } from '../phrasebook.ts';

const SIGNALS: readonly Phrase[] = [
  [
    "the small model's answer would not do in {} of 100 such requests ({} to {}): {}",
    'la respuesta del modelo pequeño no bastaría en {0} de 100 peticiones así (de {1} a {2}): {3}',
  ],
  [
    "the small model's answer would not do in {} of 100 such requests ({} to {}); {}",
    'la respuesta del modelo pequeño no bastaría en {0} de 100 peticiones así (de {1} a {2}); {3}',
  ],
  [
    "the small model's answer would not do in {} of 100 such requests ({} to {})",
    'la respuesta del modelo pequeño no bastaría en {0} de 100 peticiones así (de {1} a {2})',
  ],
  ['the deep judge was asked: {}', 'se preguntó al juez profundo: {0}'],
  ['the deep judge was asked', 'se preguntó al juez profundo'],
  ['before what was learned here: {}', 'antes de lo aprendido aquí: {0}'],
  ['nearest rated request: “{}” ({})', 'la petición valorada más parecida: «{0}» ({1})'],
  ['form {#}', 'forma {0}'],
  ['kind of task {#}', 'tipo de tarea {0}'],
  ['meaning {#}', 'significado {0}'],
  ['context {#}', 'contexto {0}'],
  ['what is said {#}', 'lo que dice {0}'],
  ['like the examples of {}', 'como los ejemplos de {0}'],
  ['like none of the examples', 'como ninguno de los ejemplos'],
  ['the policy names no domains', 'la política no nombra tareas'],
  ['written in {}', 'escrito en {0}'],
  ['too short to tell', 'demasiado corto para saberlo'],
  ['no words in a known script', 'no hay palabras en una escritura conocida'],
  ['{} words, {} numbers, {} formula marks', '{0} palabras, {1} números, {2} signos de fórmula'],
  ['{} programming words, {} marks of code', '{0} palabras de programación, {1} signos de código'],
  ['nothing that the validators know', 'nada que los validadores conozcan'],
  ['not read: {}', 'sin leer: {0}'],
  ['nothing that would be costly', 'nada que pudiera salir caro'],
  ['at stake: {}', 'en juego: {0}'],
  ['medicine: doses, interactions, symptoms', 'medicina: dosis, interacciones, síntomas'],
  ['danger to a life', 'peligro para una vida'],
  ['legal or tax consequences', 'consecuencias legales o fiscales'],
  ['money that moves or is lost', 'dinero que se mueve o se pierde'],
  ['code or events on which security rests', 'código o sucesos de los que depende la seguridad'],
  ['changes to running systems', 'cambios en sistemas en marcha'],
  ['the table of word pieces cannot be used', 'no se puede usar la tabla de trozos de palabras'],
  ['{#} email', '{0} correo electrónico'],
  ['{#} phone', '{0} teléfono'],
  ['{#} card', '{0} tarjeta'],
  ['{#} iban', '{0} IBAN'],
];

const RULES: readonly Phrase[] = [
  ["recognised as the task '{}'", 'reconocida como la tarea «{0}»'],
  ["the caller asked for '{}'", 'quien llama pidió «{0}»'],
  ['the caller named {}', 'quien llama nombró {0}'],
  ['routing is off', 'el enrutado está apagado'],
  ['rule: {}', 'regla: {0}'],
  ['complexity {} is at or above {}', 'la complejidad {0} llega a {1}'],
  ['complexity {} is below {}', 'la complejidad {0} está por debajo de {1}'],
  ['{}, {} of it so that a budget lasts', '{0}, {1} de ello para que dure un presupuesto'],
  [
    'no signal could judge the complexity, which counts as complex',
    'ninguna señal pudo juzgar la complejidad, y eso cuenta como complejo',
  ],
  [
    'the conversation is with the large model; it comes down below {}',
    'la conversación está con el modelo grande; baja por debajo de {0}',
  ],
  [
    'a tool has answered the model that called it, so that model goes on',
    'una herramienta respondió al modelo que la llamó, así que sigue ese modelo',
  ],
  [
    "the small model's answers were replaced {} times",
    'las respuestas del modelo pequeño se sustituyeron {0} veces',
  ],
  [
    'small answers to such requests were replaced so often that they cost more than they save',
    'las respuestas pequeñas a peticiones así se sustituyeron tan a menudo que cuestan más de lo que ahorran',
  ],
];

const EXCLUSIONS: readonly Phrase[] = [
  ['it takes no more requests for a while', 'no admite más peticiones durante un rato'],
  [
    'its requests fail; it is tried again soon',
    'sus peticiones fallan; se volverá a probar pronto',
  ],
  ["key '{}' stays on this machine", 'la clave «{0}» se queda en esta máquina'],
  ["key '{}' may not use it", 'la clave «{0}» no puede usarlo'],
  ['{} requires a local upstream: {}', '{0} exige un servidor local: {1}'],
  ['{} requires a cloud upstream: {}', '{0} exige un servidor en la nube: {1}'],
  ['its condition could not be evaluated', 'no se pudo evaluar su condición'],
  ["the conversation's state is held by {}", 'el estado de la conversación lo tiene {0}'],
  ['not configured', 'no está configurado'],
  ['it has no {}', 'no admite {0}'],
  ['about {} tokens do not fit its window of {}', 'unos {0} tokens no caben en su ventana de {1}'],
];

const OTHERWISE: readonly Phrase[] = [
  ['with {} at or above {} (it was {})', 'con {0} de {1} o más (era {2})'],
  ['with {} below {} (it was {})', 'con {0} por debajo de {1} (era {2})'],
  ['if {} had not been {}', 'si {0} no hubiera sido {1}'],
  ['if {} had been down', 'si {0} no hubiera funcionado'],
  ['if {} had been up', 'si {0} hubiera funcionado'],
  ['with {} configured', 'con {0} configurado'],
  ['with {} or more {} (it had {})', 'con {0} o más {1} (tenía {2})'],
  ['with fewer than {} {} (it had {})', 'con menos de {0} {1} (tenía {2})'],
  ['tokens of allowed answer', 'tokens de respuesta permitidos'],
  ['input tokens', 'tokens de entrada'],
  ['user turns', 'turnos del usuario'],
  ['tools', 'herramientas'],
  ['complexity', 'complejidad'],
  ['without needing {}', 'si no necesitara {0}'],
  ['as the first turn of a conversation', 'como primer turno de una conversación'],
  ['refused', 'rechazada'],
  [
    'policy {}, which decided it, cannot be read any more',
    'la política {0}, que la decidió, ya no se puede leer',
  ],
  [
    'it was recorded by a version that did not keep what decisions depend on',
    'la registró una versión que no guardaba aquello de lo que dependen las decisiones',
  ],
  [
    'this version of Smallfirst decides it otherwise than the one that did',
    'esta versión de Smallfirst la decide de otro modo que la que lo hizo',
  ],
];

const CHECKS: readonly Phrase[] = [
  ['it says nothing', 'no dice nada'],
  ['it was cut by the model’s own limit', 'la cortó el límite del propio modelo'],
  ['a block of code has no end', 'un bloque de código no termina'],
  ['a bracket has no end', 'un paréntesis no termina'],
  ['it gives the question back', 'devuelve la pregunta'],
  ['it gives the text back as it was', 'devuelve el texto tal como estaba'],
  ['it gives the system prompt back', 'devuelve el mensaje de sistema'],
  ['it names what does not stand in the text', 'nombra lo que no está en el texto'],
  ['one word was asked for', 'se pidió una palabra'],
  ['yes or no was asked for', 'se pidió sí o no'],
  ['a number was asked for', 'se pidió un número'],
  [
    'at most {} words were asked for, and it has {}',
    'se pidieron {0} palabras como máximo y tiene {1}',
  ],
  ['{} were asked for, and it lists {}', 'se pidieron {0} y enumera {1}'],
  [
    'a greeting or thanks was answered at length',
    'respondió por extenso a un saludo o a un agradecimiento',
  ],
  ['JSON was demanded, and it is none', 'se exigía JSON y no lo es'],
  [
    'a JSON object was demanded, and it is another value',
    'se exigía un objeto JSON y es otro valor',
  ],
  ['it does not fit the JSON schema', 'no cumple el esquema JSON'],
  ['it is in {}, and the question in {}', 'está en {0} y la pregunta en {1}'],
  ['it is in another script than the question', 'está en otra escritura que la pregunta'],
  ['it says that it cannot or will not answer', 'dice que no puede o no quiere responder'],
  ['it says the same over and over', 'repite lo mismo una y otra vez'],
  ['its result is not that of the sum', 'su resultado no es el de la cuenta'],
  [
    'it holds control tokens of a chat template',
    'contiene marcas de control de una plantilla de chat',
  ],
  ['a tool had to be called, and it was not', 'había que llamar a una herramienta y no lo hizo'],
  ['it calls a tool that was not offered', 'llama a una herramienta que no se ofreció'],
  ['the arguments of a tool are no JSON', 'los argumentos de una herramienta no son JSON'],
  [
    'the arguments of a tool do not fit its schema',
    'los argumentos de una herramienta no cumplen su esquema',
  ],
  ['its model was not sure enough of it', 'su modelo no estaba lo bastante seguro'],
];

export const decisions: readonly Phrase[] = [
  ...SIGNALS,
  ...RULES,
  ...EXCLUSIONS,
  ...OTHERWISE,
  ...CHECKS,
];
