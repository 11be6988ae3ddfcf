/**
 * NVIDIA cards, by one `nvidia-smi` that prints continuously. `power.draw` is an average over about a second
 * since Ampere, and its sensor samples a quarter of the time on A100 and H100 (arXiv:2312.02741): long
 * windows are accurate, single short answers are not.
 */
import type { Joules } from '../core/meter.ts';
import { childLines } from './child-lines.ts';
import type { MeterOptions, Opened } from './opened.ts';
import { integratePower, type PowerIntegral } from './power.ts';

export const NVIDIA_COMMAND = [
  'nvidia-smi',
  '--query-gpu=uuid,power.draw',
  '--format=csv,noheader,nounits',
  '-lms',
  '200',
] as const;

/** Allows for a driver that is not loaded yet. */
const FIRST_LINE_MS = 5000;

export async function openNvidia(options: MeterOptions): Promise<Opened> {
  const cards = new Map<string, PowerIntegral>();
  const lines = childLines({
    command: options.commands.nvidia,
    nowMs: options.nowMs,
    onLine: (line) => {
      const row = readLine(line);
      if (row === undefined) return;
      const card = cards.get(row.uuid) ?? integratePower();
      cards.set(row.uuid, card);
      card.add([row.watts, row.watts], options.nowMs());
    },
  });
  await lines.first(AbortSignal.timeout(FIRST_LINE_MS));
  if (cards.size === 0) {
    const why = lines.problem() ?? 'nvidia-smi reports no power draw of any card';
    lines.close();
    return { why };
  }
  return {
    meter: {
      kind: 'nvidia',
      component: 'gpu',
      method: 'measured',
      source: `nvidia-smi power.draw, ${cards.size} ${cards.size === 1 ? 'card' : 'cards'}`,
      read: async (): Promise<Joules> => {
        const why = lines.problem();
        if (why !== undefined) throw new Error(why);
        let joules = 0;
        for (const card of cards.values()) joules += card.total()[0];
        return [joules, joules];
      },
      close: () => lines.close(),
    },
  };
}

/** `GPU-1f2e…, 87.32`; a card without a sensor says `[N/A]`. */
function readLine(line: string): { readonly uuid: string; readonly watts: number } | undefined {
  const [uuid = '', text = ''] = line.split(',').map((part) => part.trim());
  const watts = Number(text);
  const isReading = uuid !== '' && text !== '' && Number.isFinite(watts) && watts >= 0;
  return isReading ? { uuid, watts } : undefined;
}
