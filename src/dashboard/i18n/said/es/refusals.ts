/** Errors, refusals and mistakes in a policy's text. */
import type { Phrase } from '../phrasebook.ts';

const REFUSED: readonly Phrase[] = [
  [
    'This request must stay local and the local model cannot take it ({}).{}',
    'Esta petición debe quedarse aquí y el modelo local no puede con ella ({0}).{1}',
  ],
  [
    'This request must stay local and the local model cannot take it ({}).',
    'Esta petición debe quedarse aquí y el modelo local no puede con ella ({0}).',
  ],
  [
    'This request may go nowhere else that its key allows ({}).',
    'Esta petición no puede ir a ningún otro sitio que permita su clave ({0}).',
  ],
  [
    'This request is longer than the window of every model that may answer it ({}).',
    'Esta petición no cabe en la ventana de ningún modelo que pueda responderla ({0}).',
  ],
  [
    'This request needs something that no model here can do ({}).',
    'Esta petición necesita algo que aquí no sabe hacer ningún modelo ({0}).',
  ],
  [
    'This request belongs to a conversation whose upstream cannot be asked ({}).',
    'Esta petición es de una conversación cuyo servidor no se puede consultar ({0}).',
  ],
  [
    'This request has no upstream to go to ({}).',
    'Esta petición no tiene servidor al que ir ({0}).',
  ],
  ['The policy leaves no target ({}).', 'La política no deja ningún destino ({0}).'],
  [
    'No model that may answer this request can be asked at the moment ({}). Ask again after the seconds of Retry-After.',
    'Ahora no se puede consultar a ningún modelo que pueda responder a esta petición ({0}). Vuelva a intentarlo pasados los segundos de Retry-After.',
  ],
  [
    "The budget '{}' does not cover this request: of {} USD {} are spent and {} reserved for requests under way. {} A smaller `max_tokens` reserves less.",
    'El presupuesto «{0}» no cubre esta petición: de {1} USD se han gastado {2} y hay {3} reservados para peticiones en curso. {4} Con un `max_tokens` menor se reserva menos.',
  ],
  ['It begins anew at {} ({}).', 'Empieza de nuevo el {0} ({1}).'],
  ['It does not begin anew.', 'No vuelve a empezar.'],
  [
    "The budget '{}' lets the large model answer {}, which are used up. {}",
    'El presupuesto «{0}» deja al modelo grande responder {1}, y ya están gastados. {2}',
  ],
  ['{} % of the requests of an hour', 'el {0} % de las peticiones de una hora'],
  ['{} USD an hour', '{0} USD por hora'],
  ['There is room again at {} ({}).', 'Habrá sitio de nuevo el {0} ({1}).'],
];

const ERRORS: readonly Phrase[] = [
  [
    'This is no key of an admin or a viewer: auth.adminKey and auth.viewerKey are, and keys whose role is `admin` or `viewer`.',
    'No es una clave de administración ni de lectura: lo son auth.adminKey y auth.viewerKey, y las claves cuyo rol es `admin` o `viewer`.',
  ],
  ['The session has ended; sign in again.', 'La sesión ha terminado; vuelva a entrar.'],
  [
    "Key '{}' may read reports and records only; ask with a key whose role is admin.",
    'La clave «{0}» solo puede leer informes y registros; use una clave con rol admin.',
  ],
  [
    "Key '{}' reads reports and records only: to ask a model, give the key of a caller.",
    'La clave «{0}» solo lee informes y registros: para preguntar a un modelo, dé la clave de un programa.',
  ],
  [
    'The key could not be looked up in time, so nothing was done. Ask again in a second.',
    'No se pudo consultar la clave a tiempo, así que no se hizo nada. Vuelva a intentarlo en un segundo.',
  ],
  [
    "No record of request '{}'. It may be younger than a few milliseconds, or past retention.",
    'No hay registro de la petición «{0}». Puede tener menos de unos milisegundos, o haberse borrado ya por antigua.',
  ],
  [
    "Request '{}' failed before it was decided ({}); GET /admin/requests/{} has its record.",
    'La petición «{0}» falló antes de decidirse ({1}); su registro está en GET /admin/requests/{2}.',
  ],
  [
    "No version '{}' is stored. GET /admin/policies lists those that are.",
    'No hay ninguna versión «{0}» guardada. GET /admin/policies enumera las que hay.',
  ],
  [
    "No upstream '{}' is configured. There are: {}.",
    'No hay ningún servidor «{0}» configurado. Hay: {1}.',
  ],
  ['The body is not JSON.', 'El cuerpo no es JSON.'],
  ['The body is not valid JSON.', 'El cuerpo no es JSON válido.'],
  ['The body must be a JSON object.', 'El cuerpo debe ser un objeto JSON.'],
  [
    "'zone' must be a time zone of the IANA's, such as {}, but is '{}'.",
    '«zone» debe ser una zona horaria de la IANA, como {0}, y es «{1}».',
  ],
  [
    'The window has more than {} steps of this length: {}.',
    'El intervalo tiene más de {0} pasos de esta longitud: {1}.',
  ],
];

const POLICY: readonly Phrase[] = [
  [
    '`objective` must have exactly one of {}, each from 0 to 1: {}',
    '`objective` debe tener exactamente uno de {0}, cada uno de 0 a 1: {1}',
  ],
  ['unknown key `{}`; {}', 'clave desconocida `{0}`; {1}'],
  ['unknown key; {}', 'clave desconocida; {0}'],
  ['did you mean `{}`?', '¿quería decir `{0}`?'],
  ['possible: {}', 'posibles: {0}'],
  ['{} is missing: {}', 'falta {0}: {1}'],
  ['the file', 'el archivo'],
  ['add {}', 'añada {0}'],
  ['{} must be {}, not {}', '{0} debe ser {1}, no {2}'],
  ['{} must be {}; {}', '{0} debe ser {1}; {2}'],
  ['{} must be at least {}', '{0} debe ser al menos {1}'],
  ['{} must be at most {}', '{0} debe ser como mucho {1}'],
  ['{} must be more than {}', '{0} debe ser mayor que {1}'],
  ['{} must be less than {}', '{0} debe ser menor que {1}'],
  ['{} must not be empty', '{0} no puede estar vacío'],
  ['{} must have at least {} entries', '{0} debe tener al menos {1} elementos'],
  ['{} must have at most {} entries', '{0} debe tener como mucho {1} elementos'],
  ['{} must have at least {} characters', '{0} debe tener al menos {1} caracteres'],
  ['{} must have at most {} characters', '{0} debe tener como mucho {1} caracteres'],
  ['{} must be {}', '{0} debe ser {1}'],
  ['one of {}', 'uno de {0}'],
  ['text', 'texto'],
  ['`key: value` entries', 'líneas `clave: valor`'],
  ['a list', 'una lista'],
  ['a whole number', 'un número entero'],
  ['a number', 'un número'],
  ['true or false', 'true o false'],
  ['empty', 'vacío'],
];

export const refusals: readonly Phrase[] = [...REFUSED, ...ERRORS, ...POLICY];
