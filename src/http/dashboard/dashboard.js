/**
 * Shows the last requests, and the gateway's own report on them, from the admin API. Everything is written with `textContent`:
 * model names and reasons are untrusted and must stay text.
 */
const SHOWN = 200;
const REFRESH_MS = 2000;
const $ = (id) => document.getElementById(id);

function usd(nano) {
  const size = Math.abs(nano);
  return `${nano < 0 ? '-' : ''}$${(size / 1e9).toFixed(size < 1e7 ? 6 : size < 1e9 ? 4 : 2)}`;
}
const usdRange = ({ low, high }) =>
  usd(low) === usd(high) ? usd(low) : `${usd(low)} to ${usd(high)}`;
const ms = (value) =>
  value === undefined
    ? ''
    : value < 1000
      ? `${Math.round(value)} ms`
      : `${(value / 1000).toFixed(1)} s`;
const joules = (low, high) =>
  high === 0 ? '0 J' : `${short(low)}–${short(high)} ${high >= 1000 ? 'kJ' : 'J'}`;
const short = (value) => Number((value >= 1000 ? value / 1000 : value).toPrecision(2));

function element(tag, { text = '', className = '', title = '' } = {}, ...children) {
  const made = document.createElement(tag);
  if (text !== '') made.textContent = text;
  if (className !== '') made.className = className;
  if (title) made.title = title;
  made.append(...children);
  return made;
}

async function getJson(path) {
  const key = sessionStorage.getItem('key');
  const answer = await fetch(path, { headers: key ? { authorization: `Bearer ${key}` } : {} });
  $('key').hidden = answer.status !== 401;
  if (!answer.ok) throw new Error((await answer.json()).error?.message ?? answer.statusText);
  return await answer.json();
}

/** Figures of the report; only the time to first token comes from the requests in the table. */
function tiles({ requests, spending, savings: { money } }, records) {
  const { total, outcomes, small, large, pinned, smallShare, shadows } = requests;
  const { nanoUsd, unpriced, unmetered, joules: energy } = spending.total;
  const shadowNanoUsd = spending.purposes.shadow.nanoUsd;
  const answered = records.filter((one) => one.outcome === 'answered' && !one.shadowOf);
  return [
    [
      'requests',
      total,
      some(total - outcomes.answered, 'not answered') || 'all answered',
      some(shadows, 'shadows besides'),
    ],
    [
      'answered small',
      smallShare === null ? '–' : `${Math.round(100 * smallShare)} %`,
      `${small} of ${small + large}`,
      some(pinned, 'pinned besides'),
    ],
    [
      'cost',
      usd(nanoUsd),
      some(unpriced, 'attempts without a known price') || 'all priced',
      shadowNanoUsd === 0 ? '' : `${usd(shadowNanoUsd)} of it for shadows`,
    ],
    [
      'saved',
      money.requests === 0 ? '–' : usdRange(money.saved),
      `against all-large, ${usdRange(money.baseline)} for the same tokens`,
      some(money.unknown, 'not compared'),
    ],
    [
      'energy',
      joules(energy.low, energy.high),
      'range over all attempts',
      some(unmetered, 'of them not known'),
    ],
    ['first token', ms(medianOf(answered.map(({ ttftMs }) => ttftMs))) || '–', 'median'],
  ];
}

const some = (count, what) => (count === 0 ? '' : `${count} ${what}`);

function medianOf(values) {
  const known = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  return known[known.length >> 1];
}

function tile([name, figure, ...notes]) {
  return element(
    'div',
    { className: 'tile' },
    name,
    element('b', { text: String(figure) }),
    element('small', { text: notes.filter((note) => note !== '').join(', ') }),
  );
}

function row(record) {
  const last = record.attempts.at(-1);
  const cells = [
    element('td', { text: new Date(record.atMs).toLocaleTimeString() }),
    element('td', { text: answeredBy(last), className: last?.tier ?? '' }),
    element('td', {}, ...complexityBar(record.decision?.complexity ?? null)),
    element('td', { text: record.decision?.rule ?? '' }),
    ...figures(record, last),
    outcome(record),
  ];
  const made = element(
    'tr',
    { title: 'Why?', className: record.shadowOf ? 'shadow' : '' },
    ...cells,
  );
  made.tabIndex = 0;
  made.addEventListener('click', () => void explain(record.id));
  made.addEventListener('keydown', ({ key }) => key === 'Enter' && void explain(record.id));
  return made;
}

function outcome({ degraded, errorCode, outcome: ended, shadowOf }) {
  const text = degraded ?? errorCode ?? ended;
  const className = degraded ? 'degraded' : ended;
  if (!shadowOf) return element('td', { text, className });
  const title = `asked for comparison with ${shadowOf}, no request`;
  return element('td', { text: `shadow: ${text}`, className, title });
}

const answeredBy = (attempt) =>
  attempt ? `${attempt.upstream}/${attempt.answeredModel ?? attempt.model}` : 'nobody';

function complexityBar(complexity) {
  if (complexity === null) return ['–'];
  const level = element('i');
  level.style.width = `${Math.round(complexity * 100)}%`;
  return [element('span', { className: 'bar' }, level), complexity.toFixed(2)];
}

/** Money and energy of all attempts: a failed attempt is paid for too. */
function figures(record, last) {
  const each = (part, written) =>
    record.attempts
      .filter((attempt) => attempt.usage || attempt[part])
      .map((attempt) => (attempt[part] ? written(attempt[part]) : 'unknown'))
      .join(' + ');
  const { usage, energy } = last ?? {};
  const cells = [
    [
      usage ? `${usage.inputTokens} / ${usage.outputTokens}` : '',
      usage ? `tokens are ${usage.source}` : '',
    ],
    [ms(record.ttftMs)],
    [ms(record.latencyMs)],
    [each('cost', ({ totalNanoUsd }) => usd(totalNanoUsd)), last?.cost?.source],
    [
      each('energy', ({ lowJ, highJ }) => joules(lowJ, highJ)),
      energy ? `${energy.method}: ${energy.source}` : '',
    ],
  ];
  return cells.map(([text, title]) => element('td', { text, title, className: 'figure' }));
}

async function explain(id) {
  const dialog = $('why');
  dialog.querySelector('h2').textContent = id;
  dialog.querySelector('pre').textContent = 'asking…';
  dialog.showModal();
  try {
    dialog.querySelector('pre').textContent = formatExplanation(
      await getJson(`/admin/requests/${id}/why`),
    );
  } catch (error) {
    dialog.querySelector('pre').textContent = error.message;
  }
}

function formatExplanation(why) {
  const lines = [
    `${why.upstream === null ? 'refused' : `${why.upstream}/${why.model}`}   rule: ${why.rule}`,
    `why: ${why.reason}`,
    ...(why.degraded ? [`not what the policy wanted: ${why.degraded}`] : []),
    ...(why.excluded ?? []).map(({ target, reason }) => `excluded ${target.upstream}: ${reason}`),
    '',
    ...(why.otherwise ?? []).map(({ change, to }) => `otherwise, ${change}: ${to}`),
    '',
    ...Object.entries(why.readings ?? {}).map(
      ([name, { score, value, reason }]) =>
        `${name.padEnd(12)} ${score === undefined ? '–   ' : score.toFixed(2)}  ${value ? `${value}: ` : ''}${reason}`,
    ),
  ];
  return lines.join('\n');
}

async function refresh() {
  try {
    const [{ records }, about] = await Promise.all([
      getJson(`/admin/requests?limit=${SHOWN}`),
      getJson('/admin/about'),
    ]);
    // No further back than the table, so that both show the same requests.
    const report = await getJson(`/admin/report?since=${records.at(-1)?.atMs ?? Date.now()}`);
    $('state').textContent = about.ready ? 'the last requests' : 'not ready';
    $('policy').textContent =
      `policy ${about.policy.name}@${about.policy.version}, ${about.policy.mode}`;
    $('notice').textContent = about.notice ?? '';
    $('notice').hidden = about.notice === null;
    $('tiles').replaceChildren(...tiles(report, records).map(tile));
    $('requests').replaceChildren(...records.map(row));
    $('empty').hidden = records.length > 0;
  } catch (error) {
    $('state').textContent = error.message;
  }
  setTimeout(refresh, REFRESH_MS);
}

$('key').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem('key', new FormData(event.target).get('key'));
  event.target.reset();
});
void refresh();
