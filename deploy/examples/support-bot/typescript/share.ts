/** What share of the bot's conversations no person had to see, from the gateway's ledger. */
import { fileURLToPath } from 'node:url';

/** Of a record of the ledger, what is counted here. */
interface Told {
  readonly caller: string;
  readonly outcome: string;
  readonly shadowOf?: string;
  readonly facts: { readonly turns: number; readonly toolResults: number };
  readonly feedback: readonly { readonly score: number; readonly comment?: string }[];
}

interface Page {
  readonly records: readonly { readonly id: string }[];
  /** The cursor of the next page; none on the last. */
  readonly next?: string;
}

export interface Share {
  readonly conversations: number;
  readonly handedOver: number;
  readonly thumbsUp: number;
  readonly thumbsDown: number;
}

export interface Source {
  /** Without `/v1`. */
  readonly url: string;
  readonly adminKey: string;
  /** The name of the bot's key. */
  readonly caller: string;
}

/** A conversation begins with its first turn; each is handed over once at most, which the bot writes as feedback. */
export async function shareOf({ url, adminKey, caller }: Source): Promise<Share> {
  const get = async (path: string): Promise<string> => {
    const answer = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${adminKey}` },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return await answer.text();
  };
  const tally = { conversations: 0, handedOver: 0, thumbsUp: 0, thumbsDown: 0 };
  let next: string | undefined;
  do {
    const cursor = next === undefined ? '' : `&cursor=${next}`;
    const page: Page = JSON.parse(await get(`/admin/requests?limit=100${cursor}`));
    for (const { id } of page.records) {
      const told: Told = JSON.parse(await get(`/admin/requests/${id}`));
      const { facts, feedback, ...record } = told;
      if (
        record.caller !== caller ||
        record.shadowOf !== undefined ||
        record.outcome !== 'answered'
      )
        continue;
      if (facts.turns === 1 && facts.toolResults === 0) tally.conversations += 1;
      if (feedback.some(({ comment }) => comment?.startsWith('handed over'))) tally.handedOver += 1;
      if (feedback.some(({ score }) => score > 0)) tally.thumbsUp += 1;
      if (feedback.some(({ score }) => score < 0)) tally.thumbsDown += 1;
    }
    next = page.next;
  } while (next !== undefined);
  return tally;
}

async function main(): Promise<void> {
  const { conversations, handedOver, thumbsUp, thumbsDown } = await shareOf({
    url: (process.env['SMALLFIRST_URL'] ?? 'http://127.0.0.1:4100/v1').replace(/\/v1$/, ''),
    adminKey: process.env['SMALLFIRST_ADMIN_KEY'] ?? '',
    caller: 'support-bot',
  });
  const alone = conversations - handedOver;
  const share =
    conversations === 0 ? 'none yet' : `${((100 * alone) / conversations).toFixed(1)} %`;
  process.stdout.write(
    `conversations          ${conversations}\nwithout a person       ${alone} (${share})\nhanded over            ${handedOver}\nthumbs up, down        ${thumbsUp}, ${thumbsDown}\n`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
