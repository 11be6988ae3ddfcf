import type { z } from 'zod';

export interface DescribedRoute {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As it is mounted: parameters with a colon. */
  readonly path: string;
  readonly summary: string;
  /** Who may ask; `data`: a key of the API. */
  readonly who: 'anybody' | 'data' | 'viewer' | 'admin';
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Of a success: JSON of this shape, or another media type. */
  readonly answer?: z.ZodType | string;
  readonly status?: number;
}
