/** The deep judge's own thread: one request after another, on one core. */
import { parentPort } from 'node:worker_threads';
import type { DeepQuestion } from '../complexity/calibrated.ts';
import { collectGarbage } from '../../lib/collect-garbage.ts';
import { shippedFile } from '../../lib/shipped-file.ts';
import { deepJudge } from './deep-judge.ts';
import type { FromDeep } from './protocol.ts';
import { readShippedDeep } from './shipped.ts';
import { shippedEncoder } from './weights.ts';

/** A function of its own: what listens for questions would keep the weights, which the kernels have a second time. */
function shippedJudge(): ReturnType<typeof deepJudge> {
  const encoder = shippedEncoder();
  return shippedFile('signals/encoder/deep.json', () => deepJudge(encoder, readShippedDeep()));
}

function serve(port: NonNullable<typeof parentPort>): void {
  const send = (message: FromDeep): void => port.postMessage(message);
  try {
    const judge = shippedJudge();
    port.on('message', (question: DeepQuestion) =>
      send({ kind: 'answer', answer: judge(question) }),
    );
    send({ kind: 'ready' });
    // Files and weights on their way into the kernels' memory are three times what is kept.
    setImmediate(collectGarbage);
  } catch (error) {
    send({ kind: 'failed', message: error instanceof Error ? error.message : 'no deep judge' });
    port.close();
  }
}

if (parentPort !== null) serve(parentPort);
