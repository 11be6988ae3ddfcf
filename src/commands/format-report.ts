/** Formats a report as text. */
import type { Report } from '../analysis/report.ts';
import type { BreakEven } from '../analysis/report/break-even.ts';
import type { Purpose } from '../core/figures.ts';
import type { Range } from '../core/figures.ts';
import type { Compared } from '../core/figures.ts';
import type { Spent } from '../core/figures.ts';
import { answerLines } from './format-answers.ts';
import { counted, digits, grams, joules, percent, range, span, usd } from './format-numbers.ts';

export function formatReport(report: Report): string {
  const { period } = report;
  if (period.firstMs === null) {
    return `No requests were recorded since ${day(period.sinceMs)}. Give a longer --since.`;
  }
  return [
    `${day(period.firstMs)} to ${day(period.untilMs)}, ${span(period.spanMs)}`,
    '',
    ...requestLines(report),
    '',
    ...costLines(report),
    '',
    ...energyLines(report),
    '',
    ...(report.answers === undefined ? [] : answerLines(report.answers)),
    ...savingLines(report),
    '',
    ...breakEvenLines(report),
  ].join('\n');
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

const LABEL = 30;
const line = (label: string, value: string, more = ''): string =>
  `${label.padEnd(LABEL)}${value}${more === '' ? '' : `  (${more})`}`;
const of = (count: number, what: string): string => (count === 0 ? '' : `${digits(count)} ${what}`);

function requestLines({ requests }: Report): readonly string[] {
  const { total, outcomes, small, large, pinned, smallShare, degraded, shadows } = requests;
  const others = [
    of(outcomes.failed, 'failed'),
    of(outcomes.refused, 'refused'),
    of(outcomes.aborted, 'hung up'),
    of(degraded, 'not as the policy wanted'),
  ].filter((each) => each !== '');
  return [
    line('requests', digits(total), others.join(', ')),
    line(
      'served small',
      smallShare === null ? 'not known' : percent(smallShare),
      `${digits(small)} small, ${digits(large)} large${pinned === 0 ? '' : `, ${digits(pinned)} pinned`}`,
    ),
    ...(shadows === 0 ? [] : [line('shadows', digits(shadows), 'asked for comparison only')]),
  ];
}

const PURPOSE: Readonly<Record<Purpose, string>> = {
  answers: 'answers',
  fallbacks: 'answers after a failure',
  retries: 'asked again',
  wasted_small: 'small answers not used',
  wasted_large: 'large answers not used',
  cut_off: 'cut off by the caller',
  drafts: 'drafts that were replaced',
  repairs: 'asked again for JSON',
  shadow: 'shadows',
  audits: 'audits',
};

function costLines({ spending, machine }: Report): readonly string[] {
  const { total, purposes, kinds, upstreams } = spending;
  const spent = (label: string, { attempts, nanoUsd, unpriced }: Spent): string =>
    line(
      label,
      usd(nanoUsd),
      [counted(attempts, 'attempt'), ...some(unpriced, 'unpriced')].join(', '),
    );
  return [
    spent('cost', total),
    ...Object.entries(purposes)
      .filter(([, { attempts }]) => attempts > 0)
      // The keys of this record are purposes.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      .map(([purpose, each]) => spent(`  ${PURPOSE[purpose as Purpose]}`, each)),
    ...Object.entries(upstreams).map(([name, each]) => spent(`  upstream ${name}`, each)),
    ...Object.entries(kinds).map(([kind, nano]) => line(`  kind ${kind}`, usd(nano))),
    line('  kind idle_energy', usd(machine.idleNanoUsd), 'beside the above'),
    line(
      '  kind hardware',
      machine.hardwareNanoUsd === null ? 'not known' : usd(machine.hardwareNanoUsd),
      machine.hardwareNanoUsd === null
        ? 'energy.hardwareUsd gives it'
        : 'depreciation, beside the above',
    ),
  ];
}

const some = (count: number, what: string): readonly string[] =>
  count === 0 ? [] : [`${digits(count)} ${what}`];

function energyLines({ spending, machine }: Report): readonly string[] {
  const { total, methods, carbon, water } = spending;
  return [
    line('energy', inJoules(total.joules), some(total.unmetered, 'attempts unknown').join()),
    ...Object.entries(methods).map(([method, each]) =>
      line(`  ${method}`, inJoules(each), counted(each.attempts, 'attempt')),
    ),
    line(
      '  idle, beside it',
      inJoules(machine.idleJ),
      `${digits(machine.idleWatts)} W, ${machine.idleSource}`,
    ),
    ...(carbon.attempts === 0
      ? [line('carbon', 'not known')]
      : [
          line(
            'carbon',
            `${grams(carbon.low, carbon.high)} CO2e`,
            ['of the electricity', ...some(carbon.unknown, 'attempts unknown')].join(', '),
          ),
        ]),
    ...(carbon.embodied === undefined || carbon.embodied.attempts === 0
      ? []
      : [
          line(
            '  of making the machines',
            grams(carbon.embodied.low, carbon.embodied.high),
            `${counted(carbon.embodied.attempts, 'attempt')}, beside it`,
          ),
        ]),
    ...(water.attempts === 0
      ? []
      : [
          line(
            'water',
            range(water.low / 1000, water.high / 1000, 'L'),
            some(water.unknown, 'attempts unknown').join(),
          ),
        ]),
  ];
}

const inJoules = ({ low, high }: Range): string => joules(low, high);
const inUsd = ({ low, high }: Range): string =>
  usd(low) === usd(high) ? usd(low) : `${usd(low)}..${usd(high)}`;

function savingLines({ savings }: Report): readonly string[] {
  const { money, energy, moneyAfterMachine, energyAfterMachine } = savings;
  return [
    'against every request to the large model, net of all that was spent:',
    ...comparedLines('money', money, inUsd),
    ...after(
      money,
      '  less the machine',
      `${inUsd(moneyAfterMachine)}  (idle power and depreciation)`,
    ),
    ...comparedLines('energy', energy, inJoules),
    ...after(energy, '  less idle power', inJoules(energyAfterMachine)),
  ];
}

const after = ({ requests }: Compared, label: string, value: string): readonly string[] =>
  requests === 0 ? [] : [line(label, value)];

function comparedLines(
  label: string,
  { requests, unknown, baseline, spent, saved }: Compared,
  write: (range: Range) => string,
): readonly string[] {
  if (requests === 0) {
    return [
      line(`${label} saved`, 'not known', `no request has both sides; ${digits(unknown)} have one`),
    ];
  }
  const sides = `${write(baseline)} - ${write(spent)}`;
  return [
    line(`${label} saved`, write(saved), sides),
    ...(unknown === 0
      ? []
      : [
          line(
            '',
            `${counted(unknown, 'request')} not compared: no known price, energy or large model`,
          ),
        ]),
  ];
}

function breakEvenLines({ claim }: Report): readonly string[] {
  const { share, shareWithIdle, month, breakEven, requests } = claim;
  const head = 'energy of small answers, of what the large model would have taken for them:';
  if (share === null) return [head, '  not known: no request answered small has both energies'];
  return [
    head,
    line('  answers alone', shares(share)),
    line('  with idle power', shares(shareWithIdle)),
    line(
      '  a month at this rate',
      `${kwh(month.small)} + ${kwh(month.idle)} idle, against ${kwh(month.large)}`,
      `${counted(requests, 'request')} answered small`,
    ),
    line('  break-even in energy', breakEvenWords(breakEven.energy)),
    line('  break-even in money', breakEvenWords(breakEven.money)),
  ];
}

const kwh = ({ low, high }: Range): string => range(low, high, 'kWh');

const shares = (share: Range | null): string =>
  share === null ? 'not known' : `${digits(share.low * 100, 3)}..${digits(share.high * 100, 3)} %`;

function breakEvenWords({ best, worst, requestsAMonth }: BreakEven): string {
  const now = `${digits(requestsAMonth)} now`;
  if (best === null) return `never, at these figures; ${now}`;
  const from = digits(best, 3);
  if (worst === null) return `from ${from} small answers a month at best, never at worst; ${now}`;
  const to = digits(worst, 3);
  return `from ${from === to ? from : `${from}..${to}`} small answers a month; ${now}`;
}
