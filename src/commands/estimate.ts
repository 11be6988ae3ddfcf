/** `estimate`: energy, carbon, water and cost of one answer, and how each figure is known. Sends nothing. */
import { defineCommand } from 'citty';
import { estimate } from '../analysis/estimate.ts';
import { formatEstimate } from './format-estimate.ts';
import { storeConfig } from './command-config.ts';
import { exitOnError } from './exit-on-error.ts';
import { wholeNumber } from './parse-options.ts';

export const estimateCommand = defineCommand({
  meta: { name: 'estimate', description: 'Energy, carbon, water and cost of one answer' },
  args: {
    model: { type: 'string', required: true, description: 'gpt-4o, llama3.1:8b, …' },
    'input-tokens': { type: 'string', description: 'Of the prompt (default 0)' },
    'output-tokens': { type: 'string', required: true, description: 'Of the answer' },
    zone: { type: 'string', description: 'Zone of the data centre: USA, DEU, US-CAL-CISO, …' },
    config: { type: 'string', description: 'The configuration (smallfirst.yaml of this folder)' },
    json: { type: 'boolean', description: 'As JSON' },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const { energy } = storeConfig(args.config);
      const estimated = await estimate({
        model: args.model,
        inputTokens: wholeNumber('input-tokens', args['input-tokens'] ?? '0'),
        outputTokens: wholeNumber('output-tokens', args['output-tokens']),
        ...(args.zone === undefined ? {} : { zone: args.zone }),
        homeZone: energy.zone,
        priceUsdPerKwh: energy.priceUsdPerKwh,
        atMs: Date.now(),
      });
      const text = args.json ? JSON.stringify(estimated, null, 2) : formatEstimate(estimated);
      process.stdout.write(`${text}\n`);
    }),
});
