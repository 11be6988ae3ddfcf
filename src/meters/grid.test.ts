import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CO2_PACKAGE } from './yearly-grid.ts';
import { liveGrid, loadYearlyGrid, yearlyOf } from './grid.ts';

describe('the yearly average', () => {
  test('is of a country or of a zone, and says whose figure it is', async () => {
    const grid = await loadYearlyGrid();
    expect(grid('USA')).toEqual({
      gramsPerKwh: 383.55,
      source: 'USA yearly average, Ember, @tgwf/co2 0.19.0',
    });
    expect(grid('US-CAL-CISO')).toEqual({
      gramsPerKwh: 208,
      source: 'US-CAL-CISO 2025, Electricity Maps, @tgwf/co2 0.19.0',
    });
    expect(grid('constructor')).toBeUndefined();
    expect(() => yearlyOf(grid, 'XYZ')).toThrow(/`energy.zone: XYZ` is not known.*`DEU`/);
  });

  test('is of the version that it names', () => {
    const text = readFileSync('node_modules/@tgwf/co2/package.json', 'utf8');
    const { name, version } = JSON.parse(text) as { name: string; version: string };
    expect(CO2_PACKAGE).toBe(`${name} ${version}`);
  });
});

describe('a live source', () => {
  const yearly = { gramsPerKwh: 400, source: 'DEU 2025' };
  function harness(answers: (string | number | Error)[]) {
    let nowMs = 0;
    let asked = 0;
    const grid = liveGrid({
      url: 'http://grid.example/now',
      yearly,
      nowMs: () => nowMs,
      fetch: async () => {
        asked += 1;
        const answer = answers.shift();
        if (answer instanceof Error || answer === undefined) throw answer ?? new Error('down');
        return typeof answer === 'number'
          ? new Response('', { status: answer })
          : new Response(answer);
      },
    });
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    return {
      grid,
      asked: () => asked,
      after: async (minutes: number) => {
        nowMs += minutes * 60_000;
        grid();
        await settled();
        return grid();
      },
    };
  }

  test('is asked in the background, and not at every request', async () => {
    const { grid, asked, after } = harness(['123.4']);
    expect(grid()).toEqual({
      gramsPerKwh: 400,
      source: 'DEU 2025 (grid.example does not say)',
    });
    expect(await after(0)).toEqual({ gramsPerKwh: 123.4, source: 'live, grid.example' });
    await after(4);
    expect(asked()).toBe(1);
  });

  test.each(['{"carbonIntensity": 87}', '{"value": 87, "zone": "DE"}', '87\n'])(
    'may answer %s',
    async (body) => expect((await harness([body]).after(0)).gramsPerKwh).toBe(87),
  );

  test.each([new Error('down'), 503, 'nonsense', '-3', '99999', '{"carbonIntensity": "87"}'])(
    'that gives %s leaves the yearly average',
    async (answer) => expect((await harness([answer]).after(0)).gramsPerKwh).toBe(400),
  );

  test('that stops answering is believed for an hour', async () => {
    const { after } = harness(['50']);
    await after(0);
    expect((await after(55)).gramsPerKwh).toBe(50);
    expect((await after(10)).gramsPerKwh).toBe(400);
  });
});
