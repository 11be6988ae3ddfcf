#!/usr/bin/env node
/** argv → a command. */
import { defineCommand, runMain } from 'citty';
import { checkCommand } from './commands/check.ts';
import { demoCommand } from './commands/demo/index.ts';
import { explainCommand } from './commands/explain.ts';
import { modelsCommand } from './commands/models.ts';
import { scoreCommand } from './commands/score.ts';
import { serveCommand } from './commands/serve.ts';
import { version } from './version.ts';

const main = defineCommand({
  meta: {
    name: 'smallfirst',
    version,
    description: 'Easy requests to a small model on your own machine, hard ones to the cloud.',
  },
  default: 'serve',
  subCommands: {
    serve: serveCommand,
    demo: demoCommand,
    check: checkCommand,
    explain: explainCommand,
    score: scoreCommand,
    models: modelsCommand,
  },
});

await runMain(main);
