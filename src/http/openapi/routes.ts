/** Every route with what it takes and answers: the source of `GET /openapi.json`. A test holds it against what is mounted. */
import { z } from 'zod';
import { ADMIN_ROUTES } from './admin-routes.ts';
import { API_ROUTES } from './api-routes.ts';
import type { DescribedRoute } from './described-route.ts';
import { text, having, HTML } from './shapes.ts';

const page = (path: string): DescribedRoute => ({
  method: 'get',
  path,
  summary: 'A page for people',
  who: 'anybody',
  answer: HTML,
});

const PUBLIC_ROUTES: readonly DescribedRoute[] = [
  {
    method: 'get',
    path: '/healthz',
    summary: 'The process lives',
    who: 'anybody',
    answer: having({ status: z.literal('ok') }),
  },
  {
    method: 'get',
    path: '/readyz',
    summary: 'A request can be served',
    who: 'anybody',
    answer: having({ status: text }),
  },
  {
    method: 'get',
    path: '/metrics',
    summary: 'Metrics for Prometheus',
    who: 'viewer',
    answer: 'text/plain',
  },
  {
    method: 'get',
    path: '/openapi.json',
    summary: 'This description',
    who: 'anybody',
    answer: having({ openapi: text }),
  },
  page('/'),
  page('/docs'),
  page('/docs/*'),
  {
    method: 'get',
    path: '/docs/style.css',
    summary: 'How the documentation looks',
    who: 'anybody',
    answer: 'text/css',
  },
  page('/dashboard'),
  page('/dashboard/:view{[a-z]+}'),
  page('/dashboard/:view{[a-z]+}/:id'),
  {
    method: 'get',
    path: '/dashboard/assets/:name',
    summary: 'A file of the page',
    who: 'anybody',
    answer: 'application/octet-stream',
  },
];

export const ROUTES: readonly DescribedRoute[] = [...PUBLIC_ROUTES, ...ADMIN_ROUTES, ...API_ROUTES];
