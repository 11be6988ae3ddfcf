/**
 * Shows the last requests and what they add up to, from the admin API. Everything is written with
 * textContent: model names and reasons come from elsewhere and must stay text.
 */
const SHOWN = 200;
const REFRESH_MS = 2000;
const $ = (id) => document.getElementById(id);

const usd = (nano) =>
  nano === null ? 'unknown' : `$${(nano / 1e9).toFixed(nano < 1e7 ? 6 : nano < 1e9 ? 4 : 2)}`;
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

async function ask(path) {
  const key = sessionStorage.getItem('key');
  const answer = await fetch(path, { headers: key ? { authorization: `Bearer ${key}` } : {} });
  $('key').hidden = answer.status !== 401;
  if (!answer.ok) throw new Error((await answer.json()).error?.message ?? answer.statusText);
  return await answer.json();
}

/** Money and energy of all attempts: what was tried and thrown away was paid for too. */
function spent({ attempts }) {
  const costs = attempts.filter(({ usage }) => usage).map(({ cost }) => cost);
  const known = costs.filter((cost) => cost !== null);
  return {
    nano: known.length === 0 ? null : known.reduce((sum, cost) => sum + cost.totalNanoUsd, 0),
    unpriced: costs.length - known.length,
    lowJ: attempts.reduce((sum, { energy }) => sum + (energy?.lowJ ?? 0), 0),
    highJ: attempts.reduce((sum, { energy }) => sum + (energy?.highJ ?? 0), 0),
  };
}

function tiles(records) {
  const answered = records.filter(({ outcome }) => outcome === 'answered');
  const small = answered.filter(({ attempts }) => attempts.at(-1)?.tier === 'small');
  const all = answered.map((record) => ({ record, ...spent(record) }));
  const sum = (pick) => all.reduce((total, one) => total + (pick(one) ?? 0), 0);
  const compared = all.filter(
    ({ record, nano }) => nano !== null && record.baselineNanoUsd !== null,
  );
  const baseline = compared.reduce((total, { record }) => total + record.baselineNanoUsd, 0);
  const saved = baseline - compared.reduce((total, { nano }) => total + nano, 0);
  const share =
    answered.length === 0 ? '–' : `${Math.round((100 * small.length) / answered.length)} %`;
  const failed = records.length - answered.length;
  const unpriced = sum(({ unpriced: count }) => count);
  const firsts = answered.map(({ ttftMs }) => ttftMs).filter((value) => value !== undefined);
  const median = firsts.toSorted((a, b) => a - b)[firsts.length >> 1];
  return [
    ['requests', records.length, failed === 0 ? 'all answered' : `${failed} not answered`],
    ['answered small', share, `${small.length} of ${answered.length}`],
    [
      'cost',
      usd(sum(({ nano }) => nano)),
      unpriced === 0 ? 'all priced' : `${unpriced} attempts without a known price`,
    ],
    ['saved', usd(saved), `against all-large, ${usd(baseline)} for the same tokens`],
    [
      'energy',
      joules(
        sum(({ lowJ }) => lowJ),
        sum(({ highJ }) => highJ),
      ),
      'range over all attempts',
    ],
    ['first token', ms(median) || '–', 'median'],
  ];
}

function row(record) {
  const last = record.attempts.at(-1);
  const cells = [
    element('td', { text: new Date(record.atMs).toLocaleTimeString() }),
    element('td', { text: answeredBy(last), className: last?.tier ?? '' }),
    element('td', {}, ...complexityBar(record.decision?.complexity ?? null)),
    element('td', { text: record.decision?.rule ?? '' }),
    ...figures(record, last),
    element('td', {
      text: record.degraded ?? record.errorCode ?? record.outcome,
      className: record.degraded ? 'degraded' : record.outcome,
    }),
  ];
  const made = element('tr', { title: 'Why?' }, ...cells);
  made.tabIndex = 0;
  made.addEventListener('click', () => void explain(record.id));
  made.addEventListener('keydown', ({ key }) => key === 'Enter' && void explain(record.id));
  return made;
}

const answeredBy = (attempt) =>
  attempt ? `${attempt.upstream}/${attempt.answeredModel ?? attempt.model}` : 'nobody';

function complexityBar(complexity) {
  if (complexity === null) return ['–'];
  const level = element('i');
  level.style.width = `${Math.round(complexity * 100)}%`;
  return [element('span', { className: 'bar' }, level), complexity.toFixed(2)];
}

function figures(record, last) {
  const { nano, lowJ, highJ } = spent(record);
  const { usage, energy } = last ?? {};
  const cells = [
    [
      usage ? `${usage.inputTokens} / ${usage.outputTokens}` : '',
      usage ? `tokens are ${usage.source}` : '',
    ],
    [ms(record.ttftMs)],
    [ms(record.latencyMs)],
    [usage ? usd(nano) : '', last?.cost?.source],
    [highJ === 0 ? '' : joules(lowJ, highJ), energy ? `${energy.method}: ${energy.source}` : ''],
  ];
  return cells.map(([text, title]) => element('td', { text, title, className: 'figure' }));
}

async function explain(id) {
  const dialog = $('why');
  dialog.querySelector('h2').textContent = id;
  dialog.querySelector('pre').textContent = 'asking…';
  dialog.showModal();
  try {
    dialog.querySelector('pre').textContent = inWords(await ask(`/admin/requests/${id}/why`));
  } catch (error) {
    dialog.querySelector('pre').textContent = error.message;
  }
}

function inWords(why) {
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
      ask(`/admin/requests?limit=${SHOWN}`),
      ask('/admin/about'),
    ]);
    $('state').textContent = about.ready ? `the last ${SHOWN} requests` : 'not ready';
    $('policy').textContent =
      `policy ${about.policy.name}@${about.policy.version}, ${about.policy.mode}`;
    $('notice').textContent = about.notice ?? '';
    $('notice').hidden = about.notice === null;
    $('tiles').replaceChildren(
      ...tiles(records).map(([name, figure, note]) =>
        element(
          'div',
          { className: 'tile' },
          name,
          element('b', { text: String(figure) }),
          element('small', { text: note }),
        ),
      ),
    );
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
