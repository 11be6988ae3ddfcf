/** Calls of a gateway's administration. */
import type { WholeGateway } from './gateway-fixture.ts';

/** The header of a key. */
export const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** @param secret of an admin's key; `path` is below `/admin/` */
export const adminCaller =
  (secret: string) =>
  async (
    { gateway }: Pick<WholeGateway, 'gateway'>,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> => {
    const answer = await fetch(`${gateway.url}/admin/${path}`, {
      method,
      headers: { ...bearer(secret), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
