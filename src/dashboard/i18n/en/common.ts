export const common = {
  unknown: 'unknown',
  loading: 'Loading…',
  noAnswer: 'The gateway does not answer.',
  copy: 'Copy',
  copied: 'Copied',
  copyRefused: 'Select and copy by hand',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  apply: 'Apply',
  none: 'none',
  yes: 'yes',
  no: 'no',
  asTable: 'As a table',
  time: 'Time',
  copyAs: 'Copy as',
};

export const outcomes = {
  answered: 'answered',
  second: 'second choice',
  failed: 'failed',
  refused: 'refused',
  aborted: 'caller hung up',
};

export const tiers = { small: 'small', large: 'large', pinned: 'pinned' };

export const shell = {
  skip: 'Skip to the content',
  menu: 'Menu',
  navigation: 'Views',
  groups: { watch: 'Watch', try: 'Try', run: 'Run' },
  views: {
    overview: 'Overview',
    requests: 'Requests',
    playground: 'Playground',
    compare: 'Compare',
    explain: 'Explain',
    policy: 'Policy',
    upstreams: 'Upstreams',
    energy: 'Energy set-up',
    keys: 'Keys and budgets',
    settings: 'Settings',
  },
  request: 'Request',
  noView: 'There is no such view.',
  toOverview: 'Go to the overview',
  silentSince: (time: string) =>
    `The gateway has not answered since ${time}. The figures below are from before.`,
  notReady: (detail: string) => `Not ready: ${detail}`,
  policy: (name: string, mode: string) => `policy ${name}, mode ${mode}`,
};

export const signIn = {
  title: 'Sign in',
  explain: 'This gateway asks for a key. Its admin key may change things, a viewer key only looks.',
  key: 'Admin or viewer key',
  submit: 'Sign in',
  signOut: 'Sign out',
  signedInAs: (name: string, role: string) => `${name} (${role})`,
  sessions: 'Where you are signed in',
  lastSeen: (time: string) => `last seen ${time}`,
  thisOne: 'here',
  end: 'End it',
  ended: 'Your session has ended. What you typed is still here: sign in again to go on.',
};
