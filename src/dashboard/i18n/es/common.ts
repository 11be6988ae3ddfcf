import type { Catalogue } from '../en/index.ts';

export const common: Catalogue['common'] = {
  unknown: 'desconocido',
  loading: 'Cargando…',
  noAnswer: 'La pasarela no responde.',
  copy: 'Copiar',
  copied: 'Copiado',
  copyRefused: 'Selecciónelo y cópielo a mano',
  close: 'Cerrar',
  cancel: 'Cancelar',
  save: 'Guardar',
  apply: 'Aplicar',
  none: 'ninguno',
  yes: 'sí',
  no: 'no',
  asTable: 'Como tabla',
  time: 'Hora',
  copyAs: 'Copiar como',
};

export const outcomes: Catalogue['outcomes'] = {
  answered: 'respondida',
  second: 'segunda opción',
  failed: 'fallida',
  refused: 'rechazada',
  aborted: 'el cliente colgó',
};

export const tiers: Catalogue['tiers'] = { small: 'pequeño', large: 'grande', pinned: 'fijado' };

export const shell: Catalogue['shell'] = {
  skip: 'Ir al contenido',
  menu: 'Menú',
  navigation: 'Vistas',
  groups: { watch: 'Observar', try: 'Probar', run: 'Operar' },
  views: {
    overview: 'Resumen',
    requests: 'Peticiones',
    playground: 'Pruebas',
    compare: 'Comparar',
    explain: 'Explicar',
    policy: 'Política',
    upstreams: 'Servidores',
    energy: 'Medir la energía',
    keys: 'Claves y presupuestos',
    settings: 'Ajustes',
  },
  request: 'Petición',
  noView: 'Esta vista no existe.',
  toOverview: 'Ir al resumen',
  silentSince: (time) =>
    `La pasarela no responde desde las ${time}. Las cifras de abajo son anteriores.`,
  notReady: (detail) => `No está lista: ${detail}`,
  policy: (name, mode) => `política ${name}, modo ${mode}`,
};

export const signIn: Catalogue['signIn'] = {
  title: 'Iniciar sesión',
  explain:
    'Esta pasarela pide una clave. La de administración puede cambiar cosas; la de lectura solo mira.',
  key: 'Clave de administración o de lectura',
  submit: 'Entrar',
  signOut: 'Cerrar sesión',
  signedInAs: (name, role) => `${name} (${role})`,
  sessions: 'Dónde hay sesión iniciada',
  lastSeen: (time) => `vista por última vez ${time}`,
  thisOne: 'aquí',
  end: 'Cerrarla',
  ended: 'La sesión ha terminado. Lo que escribió sigue aquí: vuelva a entrar para continuar.',
};
