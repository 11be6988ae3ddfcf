/** `/admin/*` */
import { z } from 'zod';
import {
  reportAnswer,
  seriesAnswer,
  seriesQuery,
  summaryAnswer,
  summaryQuery,
} from '../../core/admin-figures.ts';
import { requestsQuery, rowsAnswer } from '../../core/admin-requests.ts';
import { sessionAnswer, signIn } from '../../core/admin-session.ts';
import { collectedRemoval } from '../../core/admin-collected.ts';
import { budgetSettings } from '../../core/budget-settings.ts';
import { newKey } from '../../core/keys.ts';
import type { DescribedRoute } from './described-route.ts';
import { POLICY_ROUTES } from './policy-routes.ts';
import {
  text,
  number,
  having,
  listOf,
  policyName,
  explanation,
  record,
  shownKey,
  keyWithSecret,
} from './shapes.ts';

const requestList = z.union([
  rowsAnswer,
  having({ records: z.array(record), next: z.exactOptional(text) }),
]);
const since = z.object({ since: z.exactOptional(z.coerce.number().min(0)) });
const rowsQuery = requestsQuery.extend(since.shape);

const upstreamList = listOf(
  'upstreams',
  having({ name: text, kind: text, words: text, isUp: z.boolean(), queueDepth: number }),
);

export const ADMIN_ROUTES: readonly DescribedRoute[] = [
  {
    method: 'get',
    path: '/admin/about',
    summary: 'Version, policy and notices',
    who: 'viewer',
    answer: having({
      version: text,
      policy: policyName,
      notice: text.nullable(),
      ready: z.boolean(),
      detail: text,
    }),
  },
  {
    method: 'get',
    path: '/admin/models',
    summary: 'Known small models',
    who: 'viewer',
    answer: listOf('models', having({ name: text })),
  },
  {
    method: 'get',
    path: '/admin/summary',
    summary: 'Figures of a window, narrowed',
    who: 'viewer',
    query: summaryQuery,
    answer: summaryAnswer,
  },
  {
    method: 'get',
    path: '/admin/series',
    summary: 'A metric over the steps of a window',
    who: 'viewer',
    query: seriesQuery,
    answer: seriesAnswer,
  },
  {
    method: 'get',
    path: '/admin/requests',
    summary: 'Records, or with `view=rows` short rows, filtered and sorted',
    who: 'viewer',
    query: rowsQuery,
    answer: requestList,
  },
  {
    method: 'get',
    path: '/admin/requests.csv',
    summary: 'All rows of that list as CSV',
    who: 'viewer',
    query: rowsQuery,
    answer: 'text/csv',
  },
  {
    method: 'get',
    path: '/admin/requests/:id',
    summary: 'A record, with what callers thought of it',
    who: 'viewer',
    answer: record.extend({ feedback: z.array(having({ score: number })) }),
  },
  {
    method: 'get',
    path: '/admin/requests/:id/why',
    summary: 'Why it went where it went',
    who: 'viewer',
    answer: explanation
      .omit({ targets: true, request: true, otherwise: true })
      .extend({ id: text, atMs: number }),
  },
  {
    method: 'get',
    path: '/admin/session',
    summary: 'Who is signed in',
    who: 'anybody',
    answer: sessionAnswer,
  },
  {
    method: 'post',
    path: '/admin/session',
    summary: 'Signs in: sets a cookie',
    who: 'anybody',
    body: signIn,
    answer: sessionAnswer,
    status: 201,
  },
  {
    method: 'delete',
    path: '/admin/session',
    summary: 'Ends a session',
    who: 'viewer',
    query: z.object({ id: z.exactOptional(text) }),
    answer: sessionAnswer,
  },
  {
    method: 'get',
    path: '/admin/events',
    summary: 'Server-sent: `rows`, `state`, `gap`',
    who: 'viewer',
    answer: 'text/event-stream',
  },
  {
    method: 'get',
    path: '/admin/upstreams',
    summary: 'Upstreams, and how they are',
    who: 'viewer',
    answer: upstreamList,
  },
  {
    method: 'post',
    path: '/admin/upstreams/:name/check',
    summary: 'Checks an upstream now, as `doctor` does',
    who: 'admin',
    body: z.object({}),
    answer: upstreamList.extend({
      checks: z.array(
        having({ verdict: z.enum(['ok', 'warn', 'fail']), about: text, words: text }),
      ),
    }),
  },
  {
    method: 'get',
    path: '/admin/meters',
    summary: 'What measures energy here',
    who: 'viewer',
    answer: having({ energy: having({}), grid: having({}) }),
  },
  {
    method: 'get',
    path: '/admin/report',
    summary: 'The report since a time',
    who: 'viewer',
    query: since,
    answer: reportAnswer,
  },
  ...POLICY_ROUTES,
  {
    method: 'get',
    path: '/admin/keys',
    summary: 'Every key, without its secret',
    who: 'admin',
    answer: listOf('keys', shownKey),
  },
  {
    method: 'post',
    path: '/admin/keys',
    summary: 'Makes a key: its secret is in this answer alone',
    who: 'admin',
    body: newKey,
    answer: keyWithSecret,
    status: 201,
  },
  {
    method: 'post',
    path: '/admin/keys/:name/rotate',
    summary: 'A new secret',
    who: 'admin',
    body: z.object({ graceMs: z.exactOptional(z.number().min(0)) }),
    answer: keyWithSecret,
  },
  {
    method: 'delete',
    path: '/admin/keys/:name',
    summary: 'Revokes a key',
    who: 'admin',
    answer: shownKey,
  },
  {
    method: 'get',
    path: '/admin/ledger',
    summary: 'How the ledger and the book of attempts stand',
    who: 'viewer',
    answer: having({
      kind: text,
      queued: z.number(),
      openIntents: z.number(),
      unreconciledUsd: z.number(),
    }),
  },
  {
    method: 'post',
    path: '/admin/ledger/prune',
    summary: 'Deletes older records and attempts; sums of money stay',
    who: 'admin',
    body: z.object({ keepDays: z.int() }),
    answer: having({ records: z.number(), attempts: z.number() }),
  },
  {
    method: 'get',
    path: '/admin/collected',
    summary: 'What the policy collects for distillation, and how much is kept',
    who: 'viewer',
    answer: having({
      collects: having({ when: text.nullable(), retentionDays: number }).nullable(),
      results: having({}),
      kept: z.array(having({ caller: text, model: text, answers: number, conversations: number })),
    }),
  },
  {
    method: 'post',
    path: '/admin/collected/delete',
    summary: 'Deletes of it by key, conversation or age',
    who: 'admin',
    body: collectedRemoval,
    answer: having({ deleted: number }),
  },
  {
    method: 'get',
    path: '/admin/budgets',
    summary: 'Every budget and how it stands',
    who: 'viewer',
    answer: listOf('budgets', having({ name: text })),
  },
  {
    method: 'post',
    path: '/admin/budgets',
    summary: 'Makes a budget, or replaces the one of its name',
    who: 'admin',
    body: budgetSettings,
    answer: having({ name: text }),
  },
  {
    method: 'delete',
    path: '/admin/budgets/:name',
    summary: 'Removes a budget',
    who: 'admin',
    answer: having({ name: text, removed: z.boolean() }),
  },
];
