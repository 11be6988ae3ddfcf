import { plural } from '../plural.ts';

export const policy = {
  inForce: 'In force',
  broken: (time: string) =>
    `The file on disk cannot be used since ${time}: the version below stays in force.`,
  name: 'Policy',
  mode: 'Mode',
  modes: {
    off: 'off: everything to the large model',
    observe: 'observe: decide and record, send to the large model',
    shadow: 'shadow: ask the other tier too, in the background',
    canary: 'canary: in force for a share of conversations',
    on: 'on',
  },
  share: 'Share, 0 to 1',
  writeMode: 'Write it into the text',
  file: 'From',
  guards: 'Guards',
  keyModes: 'Modes of their own for keys',
  text: 'Text',
  note: 'Note',
  save: 'Save as a version',
  saveAndActivate: 'Save and put in force',
  comparedWith: (version: string) => `Differences to ${version} are marked.`,
  stopComparing: 'No comparison',
  versions: 'Versions',
  version: 'Version',
  saved: 'Saved',
  author: 'By',
  active: 'in force',
  open: 'Open',
  openNamed: (version: string) => `Open version ${version} in the editor`,
  compare: 'Compare',
  compareNamed: (version: string) => `Compare the text with version ${version}`,
  activate: 'Put in force',
  activateNamed: (version: string) => `Put in force: version ${version}`,
  rollBack: 'Back to the one before',
  audit: 'Who did what',
  outdated: (author: string, time: string) =>
    `Nothing was saved: ${author} saved a newer version at ${time}, after this text was loaded:`,
  outdatedHelp:
    'Differences to it are marked in the text. Take over what you want, and save again.',
  differences: 'Differences as lines',
};

export const simulation = {
  title: 'Simulate on the ledger',
  explain:
    'The text above decides recorded requests again. No model is asked, and nothing is changed.',
  period: 'Requests of the last',
  days: plural('en', { one: 'day', other: 'days' }),
  run: 'Simulate',
  busy: 'Simulating …',
  nothing: 'No request of this time can be decided again.',
  replayed: (requests: string, from: string, to: string) =>
    `${requests} requests from ${from} to ${to}.`,
  cut: 'These are the newest; the command line takes all: smallfirst simulate.',
  flipped: (requests: string, share: string) => `${requests} (${share}) would go elsewhere.`,
  compared: 'Before and after',
  before: 'Before',
  after: 'After',
  change: 'Change',
  shares: {
    small: 'To the small model',
    large: 'To the large model',
    refused: 'Refused',
    masked: 'With personal data masked',
  },
  cost: 'Cost',
  energy: 'Energy',
  quality: 'Expected quality',
  noCost: (requests: string) => `Without a known cost, in neither sum: ${requests}.`,
  noEnergy: (requests: string) => `Without a known energy, in neither sum: ${requests}.`,
  qualityIs:
    'Expected quality: the share of the large model’s quality that is kept, by recorded complexity and calibration, with a 95 % interval for sampling alone.',
  moved: (shown: string, all: string) => `Requests that would go elsewhere: ${shown} of ${all}`,
  because: 'Because',
};
