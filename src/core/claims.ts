/** Which requests were asked under which key: kept for longer than their answers. */
export interface ClaimRow {
  /** Digest of the caller and its key. */
  readonly id: string;
  /** Digest of the request. */
  readonly body: string;
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

export interface Claims {
  /**
   * Undefined where it is the first of its id since `sinceMs`, and durable; else what was claimed before.
   * @throws GatewayError where it cannot be made durable: then nothing may be paid for
   */
  claim(row: ClaimRow, sinceMs: number): Promise<Pick<ClaimRow, 'body' | 'requestId'> | undefined>;
  /** It was never sent anywhere. Never waits, and never throws. */
  release(id: string): void;
}
