/** The gateway in this process. */
import { startGateway } from '../../app.ts';
import type { Config } from '../../config/config.ts';
import type { EarlyThread } from '../../early.ts';
import { banner } from '../banner.ts';
import type { Sighups } from '../sighup.ts';
import { reportEnd } from './ended.ts';
import { outliveRejections } from './outlive.ts';
import { killThis, stoppableStart, untilStopped } from './stopping.ts';

interface Begun {
  readonly early: EarlyThread | undefined;
  readonly sighups: Sighups;
}

export async function serveAlone(config: Config, { early, sighups }: Begun): Promise<void> {
  const starting = stoppableStart();
  const abort = starting.signal;
  const gateway = await startGateway(config, { printLine, abort, spawn: early?.spawn });
  early?.release();
  outliveRejections(gateway.reportBug);
  const isAsked = starting.over();
  process.stderr.write(banner(gateway));
  sighups.started(() => void gateway.reload().then(() => printLine(RELOADED)));
  await untilStopped({ cut: () => gateway.cut(), kill: killThis }, isAsked);
  process.exit(reportEnd(await gateway.close()));
}

const RELOADED = 'SIGHUP: the policy was read again; smallfirst.yaml is read at a start.';

const printLine = (line: string): void => void process.stderr.write(`${line}\n`);
