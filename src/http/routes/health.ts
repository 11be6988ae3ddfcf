import { requireViewer } from '../callers/auth.ts';
import type { HttpParts } from '../parts.ts';
import { sendJson } from '../answer/send.ts';
import type { AnswerRequest } from './data.ts';

/** Alive: the process answers. */
export const alive: AnswerRequest = async (_, outgoing) => sendJson(outgoing, { status: 'ok' });

/**
 * Ready: at least one target can serve, and the gateway is not shutting down. Failing dependencies do not change it. Names and
 * reasons are for those who may read reports.
 */
export const ready =
  (parts: HttpParts): AnswerRequest =>
  async (incoming, outgoing) => {
    const { ok, detail } = parts.isDraining()
      ? { ok: false, detail: 'shutting down' }
      : parts.readiness();
    const status = ok ? 'ready' : 'not ready';
    const isShown = await mayRead(incoming, parts);
    sendJson(outgoing, isShown ? { status, detail } : { status }, {}, ok ? 200 : 503);
  };

async function mayRead(
  incoming: Parameters<typeof requireViewer>[0],
  parts: HttpParts,
): Promise<boolean> {
  if (parts.authIsOpen) return true;
  try {
    await requireViewer(incoming, parts);
    return true;
  } catch {
    return false;
  }
}
