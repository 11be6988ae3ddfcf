export const settings = {
  title: 'Settings',
  appearance: 'Appearance',
  language: 'Language',
  zone: 'Time zone',
  zoneHint: 'An IANA name, such as Europe/Madrid.',
  zoneUnknown: (name: string) => `'${name}' is not a time zone that this browser knows.`,
  now: (time: string) => `It is ${time} there.`,
  theme: 'Colours',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  kept: 'These choices stay in this browser.',
};
