/** Formats an estimate as text. */
import type { estimate } from '../analysis/estimate.ts';
import { digits, grams, range } from './format-numbers.ts';

type Estimate = Awaited<ReturnType<typeof estimate>>;

export function formatEstimate(of: Estimate): string {
  const { model, tokens, notes } = of;
  const heading = `${model}, ${tokens.input} tokens in, ${tokens.output} out`;
  return [heading, '', ...energyLines(of), ...carbonLines(of), ...waterLines(of), ...costLines(of)]
    .concat(notes.length === 0 ? [] : ['', ...notes])
    .join('\n');
}

const line = (label: string, value: string, known: string): string =>
  `${label.padEnd(8)}  ${value.padEnd(24)}  ${known}`;
const unknown = (label: string): string => line(label, 'not known', '').trimEnd();

function energyLines({ energy }: Estimate): readonly string[] {
  if (energy === null) return [unknown('energy')];
  const { lowJ, highJ, lowWh, highWh, method, source, parts } = energy;
  const apart =
    parts === undefined
      ? []
      : [
          line('', `  ${range(...parts.decodeJ, 'J')}`, 'of it for the answer'),
          line(
            '',
            `  ${range(...parts.prefillJ, 'J')}`,
            'of it for the prompt (an extension to EcoLogits)',
          ),
        ];
  return [
    line('energy', range(lowWh, highWh, 'Wh'), `${method}: ${source}`),
    line('', range(lowJ, highJ, 'J'), ''),
    ...apart,
  ].map((each) => each.trimEnd());
}

function carbonLines({ carbon, grid }: Estimate): readonly string[] {
  if (carbon === null || grid === null) return [unknown('carbon')];
  const { operational, embodied, method } = carbon;
  const embodiedText = embodied === null ? 'not known' : grams(embodied.lowG, embodied.highG);
  return [
    line(
      'carbon',
      `${grams(operational.lowG, operational.highG)} CO2e`,
      `${method}: energy x ${digits(grid.gramsPerKwh)} g/kWh, ${grid.source}, location-based`,
    ),
    line('', embodiedText, 'of making the machines, in addition'),
  ];
}

const waterLines = ({ water }: Estimate): readonly string[] =>
  water === null
    ? [unknown('water')]
    : [line('water', range(water.lowMl, water.highMl, 'mL'), `${water.method}: ${water.source}`)];

const costLines = ({ cost }: Estimate): readonly string[] =>
  cost === null
    ? [unknown('cost')]
    : [line('cost', range(cost.lowUsd, cost.highUsd, 'USD'), cost.source)];
