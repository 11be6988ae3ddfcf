/** Yearly averages of grams of CO2 per kWh by place, as the Green Web Foundation collects them. */
import { createRequire } from 'node:module';

/** The version of the figures; the package does not export it. Held by a test. */
export const CO2_PACKAGE = '@tgwf/co2 0.19.0';

export interface YearlyIntensity {
  readonly gramsPerKwh: number;
  readonly source: string;
}

/**
 * Undefined for a zone that neither source has. `DEU` is a country of Ember's, `DE` or `US-CAL-CISO` a zone
 * of Electricity Maps. The first call reads the tables: of a built program 17 kB, of sources 0.4 MB in some 10 ms.
 */
export function yearlyIntensity(zone: string): YearlyIntensity | undefined {
  const { averageIntensity, electricityMaps } = tables();
  const country = own(averageIntensity.data, zone);
  if (country !== undefined) {
    return { gramsPerKwh: country, source: `${zone} yearly average, Ember, ${CO2_PACKAGE}` };
  }
  const area = own(electricityMaps.yearly2025.data, zone)?.carbonIntensity.value;
  return typeof area === 'number'
    ? { gramsPerKwh: area, source: `${zone} 2025, Electricity Maps, ${CO2_PACKAGE}` }
    : undefined;
}

export function gridZones(): readonly string[] {
  const { averageIntensity, electricityMaps } = tables();
  return [...Object.keys(averageIntensity.data), ...Object.keys(electricityMaps.yearly2025.data)];
}

interface Tables {
  readonly averageIntensity: { readonly data: Readonly<Record<string, number>> };
  readonly electricityMaps: {
    readonly yearly2025: {
      readonly data: Readonly<
        Record<string, { readonly carbonIntensity: { readonly value: number | null } }>
      >;
    };
  };
}

/** Loaded lazily: most commands never need them. The package's own types lag behind it. */
function tables(): Tables {
  const load = createRequire(import.meta.url);
  // The cast is held by `grid.test.ts`, which reads from both tables.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return load('@tgwf/co2/data') as Tables;
}

const own = <T>(rows: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(rows, name) ? rows[name] : undefined;
