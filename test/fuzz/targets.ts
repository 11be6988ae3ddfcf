/** Everything that takes input from outside, a line each. */
import { headers } from './headers.ts';
import { jsonBody } from './json-body.ts';
import { multipart } from './multipart.ts';
import { rawHttp } from './raw-http.ts';
import { residency } from './residency.ts';
import { responsesItems } from './responses-items.ts';
import { sse } from './sse.ts';
import type { FuzzTarget } from './target.ts';
import { upstreamAnswers } from './upstream-answers.ts';
import { configYaml, policyYaml } from './yaml-files.ts';

export const targets: readonly FuzzTarget[] = [
  sse,
  jsonBody,
  responsesItems,
  rawHttp,
  upstreamAnswers,
  multipart,
  policyYaml,
  configYaml,
  residency,
  headers,
];
