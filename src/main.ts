#!/usr/bin/env -S node --max-semi-space-size=16
/** Selects the command. Each is loaded only when it runs: `check` needs no model, `serve` no demo. */
import { enableCompileCache } from 'node:module';
import { defineCommand, type CommandDef } from 'citty';
import { runMain } from './commands/run-main.ts';
import { version } from './version.ts';

// Before the commands are imported: from the second start on they are not compiled again.
enableCompileCache();

const main: CommandDef = defineCommand({
  meta: {
    name: 'smallfirst',
    version,
    description: 'Easy requests to a small model on your own machine, hard ones to the cloud.',
  },
  subCommands: {
    serve: async () => (await import('./commands/serve.ts')).serveCommand,
    init: async () => (await import('./commands/init/index.ts')).initCommand,
    demo: async () => (await import('./commands/demo/index.ts')).demoCommand,
    check: async () => (await import('./commands/check.ts')).checkCommand,
    explain: async () => (await import('./commands/explain.ts')).explainCommand,
    score: async () => (await import('./commands/score.ts')).scoreCommand,
    simulate: async () => (await import('./commands/simulate.ts')).simulateCommand,
    budgets: async () => (await import('./commands/budgets/index.ts')).budgetsCommand,
    keys: async () => (await import('./commands/keys/index.ts')).keysCommand,
    owners: async () => (await import('./commands/owners.ts')).ownersCommand,
    ledger: async () => (await import('./commands/ledger/index.ts')).ledgerCommand,
    policy: async () => (await import('./commands/policy/index.ts')).policyCommand,
    report: async () => (await import('./commands/report.ts')).reportCommand,
    estimate: async () => (await import('./commands/estimate.ts')).estimateCommand,
    calibrate: async () => (await import('./commands/calibrate.ts')).calibrateCommand,
    health: async () => (await import('./commands/health.ts')).healthCommand,
    models: async () => (await import('./commands/models.ts')).modelsCommand,
    doctor: async () => (await import('./commands/doctor/index.ts')).doctorCommand,
    completion: async () =>
      (await import('./commands/completion.ts')).completionCommand(() => main),
  },
});

await runMain(main, process.argv.slice(2), { version, defaultCommand: 'serve' });
