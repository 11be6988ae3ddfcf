export const upstreams = {
  check: 'Check now',
  checkNamed: (name: string) => `Check now: ${name}`,
  checking: 'Checking …',
  requests: 'Its requests',
  failures: 'Its failures',
  kind: 'Kind',
  localities: { local: 'on this side', cloud: 'at the cloud' },
  model: 'Model',
  window: 'Window',
  tokens: (count: string) => `${count} tokens`,
  underWay: 'Under way',
  firstToken: 'First token, recent median',
  digest: 'Digest of the weights',
  capabilities: 'Can do',
};

export const energy = {
  now: 'What is used now',
  method: 'Method',
  source: 'Source',
  charged: 'Charged to requests since the start',
  width: 'Width of the range',
  times: (factor: string) => `the high end is ${factor} times the low one`,
  idle: 'Idle power assumed',
  grid: 'Grid',
  narrow:
    'Energy is modelled, so the range is as wide as what is not known. Name the processor’s power (`energy.tdpWatts`), or give the gateway one of the meters below: each line says what it needs.',
  measured: 'Energy is read from a meter; each line below says why the others are not used.',
  tried: 'Meters that were looked for',
  meter: 'Meter',
  used: 'Used',
  why: 'Why, and what it needs',
};
