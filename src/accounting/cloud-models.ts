/**
 * Known or estimated figures of cloud models, the input of EcoLogits' equations. Parameters and measured
 * speeds are those that EcoLogits publishes (github.com/mlco2/ecologits, commit 5be90da, its
 * `models.json`; speeds there are from OpenRouter); for closed models they are estimates, hence ranges,
 * with 10 to 30 % of a mixture of experts active. Names are without their date.
 */

export type Range = readonly [low: number, high: number];

/** Total and active parameters in billions; tokens a second and seconds to the first, where measured. */
export type ModelRow = readonly [
  total: Range,
  active: Range,
  tokensPerSecond?: number,
  ttftSeconds?: number,
];

/** Power usage effectiveness, water on site (L/kWh), and the assumed location of the servers. */
export interface CloudProvider {
  readonly provider: string;
  readonly pue: Range;
  readonly waterOnSite: Range;
  readonly zone: string;
  readonly models: Readonly<Record<string, ModelRow>>;
}

export const CLOUD_MODELS: readonly CloudProvider[] = [
  {
    provider: 'openai',
    pue: [1.2, 1.2],
    waterOnSite: [0.569, 0.569],
    zone: 'USA',
    models: {
      'gpt-3.5-turbo': [[20, 70], [20, 70], 56.4, 0.41],
      'gpt-4': [[1760, 1760], [176, 528], 25.4, 0.7],
      'gpt-4-turbo': [[880, 880], [88, 264], 25.9, 1.02],
      'gpt-4.1': [[352, 352], [35, 106], 40.0, 0.79],
      'gpt-4.1-mini': [[40, 112], [40, 112], 36.2, 0.62],
      'gpt-4.1-nano': [[10, 37], [10, 37], 53.9, 0.55],
      'gpt-4o': [[440, 440], [44, 132], 37.8, 0.52],
      'gpt-4o-mini': [[8, 28], [8, 28], 36.8, 0.49],
      'gpt-5': [[300, 300], [30, 90], 44.9, 9.8],
      'gpt-5-chat-latest': [[300, 300], [30, 90], 71.1, 0.56],
      'gpt-5-codex': [[300, 300], [30, 90], 71.4, 3.33],
      'gpt-5-mini': [[25, 70], [25, 70], 57.0, 7.98],
      'gpt-5-nano': [[5, 18.5], [5, 18.5], 91.6, 4.45],
      'gpt-5-pro': [[3600, 3600], [360, 1080], 11.8, 61.71],
      'gpt-5.1': [[300, 300], [30, 90], 50.4, 5.18],
      'gpt-5.1-codex': [[300, 300], [30, 90], 37.9, 1.96],
      'gpt-5.1-codex-mini': [[25, 70], [25, 70], 90.5, 2.56],
      'gpt-5.2': [[420, 420], [42, 126], 40.9, 3.7],
      'gpt-5.2-codex': [[420, 420], [42, 126], 47.0, 2.78],
      'gpt-5.2-pro': [[5040, 5040], [504, 1512], 12.2, 31.89],
      'gpt-5.3-codex': [[420, 420], [42, 126], 47.6, 4.08],
      'gpt-5.4': [[450, 450], [45, 150], 42.2, 1.27],
      'gpt-5.4-pro': [[5400, 5400], [540, 1800], 7.8, 116.74],
      o1: [[440, 440], [44, 132], 126.7, 6.19],
      'o3-mini': [[8, 28], [8, 28], 231.4, 6.48],
      'o4-mini': [[8, 28], [8, 28], 91.8, 6.12],
    },
  },
  {
    provider: 'anthropic',
    pue: [1.09, 1.14],
    waterOnSite: [0.13, 0.999],
    zone: 'USA',
    models: {
      'claude-3-haiku': [[300, 300], [30, 90], 81.4, 0.46],
      'claude-haiku-4-5': [[10, 35], [10, 35], 69.9, 0.58],
      'claude-sonnet-4': [[440, 440], [44, 132], 47.5, 1.13],
      'claude-sonnet-4-5': [[440, 440], [44, 132], 36.1, 1.83],
      'claude-sonnet-4-6': [[440, 440], [44, 132], 42.0, 1.38],
      'claude-opus-4': [[2000, 2000], [200, 600], 24.2, 1.62],
      'claude-opus-4-1': [[2000, 2000], [200, 600], 25.1, 1.95],
      'claude-opus-4-5': [[670, 670], [67, 200], 32.5, 1.65],
      'claude-opus-4-6': [[670, 670], [67, 200], 34.0, 2.09],
    },
  },
  {
    provider: 'google',
    pue: [1.09, 1.09],
    waterOnSite: [0.999, 0.999],
    zone: 'USA',
    models: {
      'gemini-2.0-flash': [[440, 440], [44, 132], 69.1, 0.53],
      'gemini-2.0-flash-lite': [[8, 28], [8, 28], 76.9, 0.57],
      'gemini-2.5-flash': [[440, 440], [44, 132], 71.0, 0.66],
      'gemini-2.5-flash-lite': [[8, 28], [8, 28], 76.9, 0.57],
      'gemini-2.5-pro': [[2000, 2000], [200, 600], 92.0, 2.67],
      'gemini-3-flash-preview': [[300, 300], [100, 300], 60.4, 1.47],
      'gemini-3-pro-preview': [[1200, 1200], [120, 360], 71.6, 4.47],
      'gemini-3.1-pro-preview': [[1200, 1200], [120, 360], 57.8, 4.68],
      'gemini-3.1-flash-lite-preview': [[30, 105], [30, 105], 71.9, 0.89],
      'gemma-3-4b-it': [
        [4.3, 4.3],
        [4.3, 4.3],
      ],
      'gemma-3-12b-it': [
        [12.2, 12.2],
        [12.2, 12.2],
      ],
      'gemma-3-27b-it': [
        [27.4, 27.4],
        [27.4, 27.4],
      ],
    },
  },
  {
    provider: 'mistral',
    pue: [1.16, 1.16],
    waterOnSite: [0.09, 0.09],
    zone: 'SWE',
    models: {
      codestral: [[22.2, 22.2], [22.2, 22.2], 50.2, 0.24],
      devstral: [[125, 125], [125, 125], 65.6, 0.36],
      'devstral-small': [[23.6, 23.6], [23.6, 23.6], 127.8, 0.21],
      'magistral-medium': [[70, 120], [70, 120], 42.5, 0.36],
      'magistral-small': [[23.6, 23.6], [23.6, 23.6], 105.6, 0.34],
      'ministral-3b': [[3.32, 3.32], [3.32, 3.32], 80.6, 0.23],
      'ministral-8b': [[8.02, 8.02], [8.02, 8.02], 140.0, 0.22],
      'ministral-14b': [[14, 14], [14, 14], 86.4, 0.34],
      'mistral-large': [[123, 123], [123, 123], 36.9, 1.05],
      'mistral-medium': [[70, 120], [70, 120], 42.5, 0.36],
      'mistral-small': [[23.6, 23.6], [23.6, 23.6], 105.6, 0.34],
      'open-mistral-7b': [[7.3, 7.3], [7.3, 7.3], 105.6, 0.34],
      'open-mistral-nemo': [[12.2, 12.2], [12.2, 12.2], 108.4, 0.27],
      'pixtral-12b': [[12, 12], [12, 12], 49.9, 0.51],
      'pixtral-large': [[123, 123], [123, 123], 49.9, 0.51],
      // The price list's own description says sparse: 41 of 675 billion; EcoLogits lists it as dense.
    },
  },
  {
    provider: 'cohere',
    pue: [1.09, 1.09],
    waterOnSite: [0.999, 0.999],
    zone: 'USA',
    models: {
      'command-a': [[111, 111], [111, 111], 21.8, 0.61],
      'command-r': [[32.3, 32.3], [32.3, 32.3], 42.8, 0.27],
      'command-r-plus': [[104, 104], [104, 104], 27.9, 0.35],
      'command-r7b': [[8.03, 8.03], [8.03, 8.03], 70.1, 0.25],
    },
  },
];
