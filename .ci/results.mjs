// What the suites' reports (vitest's JSON) say. Run by any Node, before packages are there.
//
//   results.mjs waits REPORT   prints the files in which nothing but waits failed, one a line
//   results.mjs sum BROKEN REPORT...  prints what failed, then `N passed, N failed` with so many broken steps more, and ends with 1 if anything did;
//                              what a later report says of a file replaces what an earlier one said
import { readFileSync } from 'node:fs';

/** A wait that was too short, which a busy machine makes of any: of a poll, a test, a hook, a page. */
const WAIT = /__VITEST_POLL_CHAIN__|timed out in \d+ ?ms|Timeout \d+ms exceeded/;

const [command, ...rest] = process.argv.slice(2);
const reports = rest.filter((one) => one.endsWith('.json'));
const files = new Map();
for (const report of reports) {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  for (const result of testResults) files.set(result.name, result);
}
const failuresOf = ({ status, message, name, assertionResults }) => {
  const failed = assertionResults.filter((one) => one.status === 'failed');
  // A file that did not load has no tests.
  if (status === 'failed' && failed.length === 0) return [`${name}: ${message}`];
  return failed.map((one) => `${name}: ${one.fullName}\n${one.failureMessages.join('\n')}`);
};

if (command === 'waits') {
  for (const [name, result] of files) {
    const failures = failuresOf(result);
    if (failures.length > 0 && failures.every((text) => WAIT.test(text))) console.log(name);
  }
} else {
  let [passed, failed] = [0, Number(rest[0])];
  for (const result of files.values()) {
    const failures = failuresOf(result);
    for (const failure of failures) console.log(`== failed: ${failure}`);
    failed += failures.length;
    passed += result.assertionResults.filter(({ status }) => status === 'passed').length;
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
