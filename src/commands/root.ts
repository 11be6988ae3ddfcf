/** Every command. Each is loaded only when it runs: `check` needs no model, `serve` no demo. */
import { defineCommand, type CommandDef } from 'citty';

export const root: CommandDef = defineCommand({
  meta: {
    name: 'smallfirst',
    description: 'Easy requests to a small model on your own machine, hard ones to the cloud.',
  },
  subCommands: {
    serve: async () => (await import('./serve/index.ts')).serveCommand,
    init: async () => (await import('./init/index.ts')).initCommand,
    demo: async () => (await import('./demo/index.ts')).demoCommand,
    check: async () => (await import('./check.ts')).checkCommand,
    explain: async () => (await import('./explain.ts')).explainCommand,
    score: async () => (await import('./score.ts')).scoreCommand,
    simulate: async () => (await import('./simulate.ts')).simulateCommand,
    budgets: async () => (await import('./budgets/index.ts')).budgetsCommand,
    keys: async () => (await import('./keys/index.ts')).keysCommand,
    owners: async () => (await import('./owners.ts')).ownersCommand,
    ledger: async () => (await import('./ledger/index.ts')).ledgerCommand,
    policy: async () => (await import('./policy/index.ts')).policyCommand,
    report: async () => (await import('./report.ts')).reportCommand,
    estimate: async () => (await import('./estimate.ts')).estimateCommand,
    calibrate: async () => (await import('./calibrate.ts')).calibrateCommand,
    learn: async () => (await import('./learn.ts')).learnCommand,
    export: async () => (await import('./export.ts')).exportCommand,
    collected: async () => (await import('./collected.ts')).collectedCommand,
    health: async () => (await import('./health.ts')).healthCommand,
    runtime: async () => (await import('./runtime.ts')).runtimeCommand,
    models: async () => (await import('./models.ts')).modelsCommand,
    doctor: async () => (await import('./doctor/index.ts')).doctorCommand,
    completion: async () => (await import('./completion.ts')).completionCommand(() => root),
  },
});
