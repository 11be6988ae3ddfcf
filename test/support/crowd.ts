/**
 * Callers that ask again as soon as they are answered, from a process of their own, with as little work a request as a socket allows.
 * Run by itself: `node crowd.ts '{ "url": …, "key": …, "connections": …, "seconds": … }'`; prints what became of their requests.
 */
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { percentile } from '../bench/statistics.ts';

export interface Crowd {
  readonly url: string;
  readonly key: string;
  readonly connections: number;
  readonly seconds: number;
}

/** Milliseconds from sending to the last byte; of the first ones from connecting. */
interface Answers {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface CrowdFigures {
  readonly good: Answers;
  /** 503 that say when to ask again. */
  readonly refused: Answers;
  /** How often anything else was seen. */
  readonly others: Readonly<Record<string, number>>;
}

/** Resolves when its time is over. */
export async function askAsCrowd(crowd: Crowd): Promise<CrowdFigures> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    import.meta.filename,
    JSON.stringify(crowd),
  ]);
  // It is what `ask` prints.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(stdout) as CrowdFigures;
}

const BODY = JSON.stringify({
  model: 'auto',
  messages: [{ role: 'user', content: 'What is the capital of France?' }],
});

async function ask({ url, key, connections, seconds }: Crowd): Promise<CrowdFigures> {
  const { hostname, port } = new URL(url);
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${key}\r\n`;
  const whole = `${head}content-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;
  const good: number[] = [];
  const refused: number[] = [];
  const others: Record<string, number> = {};
  const other = (what: string): void => void (others[what] = (others[what] ?? 0) + 1);
  const answered = (answer: string, ms: number): void => {
    if (answer.startsWith('HTTP/1.1 200')) good.push(ms);
    else if (/^HTTP\/1.1 503[^]*\r\nretry-after: \d/i.test(answer)) refused.push(ms);
    else other(answer.slice(9, 12));
  };
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect(Number(port), hostname).setEncoding('latin1').setNoDelay();
    let from = performance.now();
    let text = '';
    socket.on('error', ({ message }) => other(message));
    socket.on('data', (part: string) => {
      text += part;
      if (!isWhole(text)) return;
      answered(text, performance.now() - from);
      text = '';
      from = performance.now();
      socket.write(whole);
    });
    socket.write(whole);
    return socket;
  });
  await new Promise((resolve) => void setTimeout(resolve, seconds * 1000));
  for (const socket of sockets) socket.destroy();
  return { good: figuresOf(good), refused: figuresOf(refused), others };
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]);
  return text.length >= end + 4 + length;
}

const figuresOf = (ms: readonly number[]): Answers => ({
  count: ms.length,
  p50Ms: ms.length === 0 ? 0 : Math.round(percentile(ms, 0.5)),
  p99Ms: ms.length === 0 ? 0 : Math.round(percentile(ms, 0.99)),
});

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(JSON.stringify(await ask(JSON.parse(process.argv[2] ?? '{}'))));
  process.exit(0);
}
