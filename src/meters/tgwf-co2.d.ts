/** The package's own types lag behind it: what is read of it, as it is. */
declare module '@tgwf/co2/data' {
  /** Grams a kWh by ISO 3166 alpha-3 code. */
  export const averageIntensity: {
    readonly data: Readonly<Record<string, number>>;
    readonly type: 'average';
  };
}

declare module '@tgwf/co2/data/electricity-maps' {
  export const yearly2025: {
    readonly data: Readonly<
      Record<string, { readonly carbonIntensity: { readonly value: number | null } }>
    >;
  };
}
