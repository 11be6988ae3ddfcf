import { views } from '../../src/dashboard/view-names.ts';

/** Below `/dashboard`; `ID` stands for a request's. */
export const VIEWS = [
  ...views.map((view) => (view === 'overview' ? '' : `/${view}`)),
  '/requests/ID',
  '/nosuch',
];
