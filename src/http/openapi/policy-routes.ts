/** `/admin/policy` and `/admin/policies` */
import { z } from 'zod';
import { simulationAnswer, simulationAsk } from '../../core/admin-simulation.ts';
import type { DescribedRoute } from './described-route.ts';
import { having, listOf, policyStatus, text } from './shapes.ts';

const policyText = z.object({ text: z.string() });

export const POLICY_ROUTES: readonly DescribedRoute[] = [
  {
    method: 'get',
    path: '/admin/policy',
    summary: 'The active policy',
    who: 'viewer',
    answer: policyStatus,
  },
  {
    method: 'get',
    path: '/admin/policies',
    summary: 'Stored versions, newest first',
    who: 'viewer',
    answer: listOf('policies', having({ version: text, name: text, isActive: z.boolean() })),
  },
  {
    method: 'post',
    path: '/admin/policies',
    summary: 'Stores a version, without activating it',
    who: 'admin',
    body: policyText.extend({
      note: z.exactOptional(text),
      base: z.exactOptional(text.meta({ description: 'The newest version that was seen' })),
    }),
    answer: having({ version: text, name: text, text }),
    status: 201,
  },
  {
    method: 'post',
    path: '/admin/policies/simulate',
    summary: 'Recorded requests decided again under a text',
    who: 'viewer',
    body: simulationAsk,
    answer: simulationAnswer,
  },
  {
    method: 'post',
    path: '/admin/policies/check',
    summary: "The mistakes in a policy's text",
    who: 'viewer',
    body: policyText,
    answer: listOf('problems', having({})),
  },
  {
    method: 'post',
    path: '/admin/policies/rollback',
    summary: 'Activates the version before',
    who: 'admin',
    body: z.object({ note: z.exactOptional(z.string()) }),
    answer: policyStatus,
  },
  {
    method: 'get',
    path: '/admin/policies/audit',
    summary: 'Who changed what, when and why',
    who: 'viewer',
    answer: listOf('events', having({})),
  },
  {
    method: 'get',
    path: '/admin/policies/:version',
    summary: 'A stored version with its text',
    who: 'viewer',
    answer: having({ version: z.string(), text: z.string() }),
  },
  {
    method: 'post',
    path: '/admin/policies/:version/activate',
    summary: 'Activates a stored version',
    who: 'admin',
    body: z.object({ note: z.exactOptional(text) }),
    answer: policyStatus,
  },
];
