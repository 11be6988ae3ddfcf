/** `smallfirst/core`: the types of requests, decisions and records, the ports that upstreams and signals implement, and the errors. */
export type * from './call.ts';
export type * from './competence.ts';
export type * from './decision.ts';
export type * from './meter.ts';
export type * from './policy.ts';
export type * from './record.ts';
export type * from './signal.ts';
export type * from './token-scores.ts';
export type * from './upstream-kind.ts';
export type * from './upstream.ts';
export type * from './verify.ts';
export { GatewayError, UpstreamError } from './errors.ts';
