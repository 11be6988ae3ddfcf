/** Below `/dashboard`; `ID` stands for a request's. */
export const VIEWS = [
  '',
  '/requests',
  '/requests/ID',
  '/playground',
  '/compare',
  '/explain',
  '/upstreams',
  '/energy',
  '/policy',
  '/keys',
  '/settings',
  '/nosuch',
] as const;

export const WIDTHS = [1280, 390, 320] as const;
