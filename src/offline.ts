/** Parts of a gateway for commands that run without one, or beside one: what is stored, configured and known of models. */
export { openCollected } from './stores/collected/file.ts';
export { allCards, cardFolder, cardNamed, judgeFile } from './assembly/cards.ts';
export { meterLine, openGrid, openMetering } from './assembly/energy.ts';
export { budgetAdmin } from './assembly/budget-admin.ts';
export { keyAdmin, shownKeys } from './assembly/key-admin.ts';
export { spentBeside } from './assembly/budgets.ts';
export { openReplay } from './assembly/replay.ts';
export { askerNamed, startJudge, type Asker } from './assembly/offline-judge.ts';
export {
  buildModel,
  buildUpstream,
  describeUpstreams,
  smallModelNow,
} from './assembly/upstreams.ts';
export { configuredReporter } from './assembly/report.ts';
export { thresholdsWith } from './assembly/threshold.ts';
export { ledgerPages } from './stores/ledger-pages.ts';
export { redisHealth } from './stores/redis/health.ts';
export {
  collectedPath,
  migrateStore,
  openBudgetStore,
  openForReading,
  openKeyStore,
  openLedgerTools,
  openOwners,
  openPolicyStore,
  stateHealth,
  stateToMake,
  storedKeys,
  unreadable,
} from './stores/open.ts';
