/** Shows the progress of a download: a bar on a terminal, elsewhere a line at every tenth. */
import { Presets, SingleBar } from 'cli-progress';

/** Of a model or the engine. */
interface Progress {
  readonly model: { readonly name: string };
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface ProgressDisplay {
  update(progress: Progress): void;
  /** Leaves the cursor on a new line. */
  stop(): void;
}

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

export function progressDisplay(out: Output): ProgressDisplay {
  return out.isTTY === true ? bar(out) : lines(out);
}

function bar(out: Output): ProgressDisplay {
  const display = new SingleBar(
    {
      stream: out,
      format: '{name} [{bar}] {percentage} % of {size}, {eta_formatted} left',
      etaBuffer: 100,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    update: ({ model, doneBytes, totalBytes }) => {
      if (!started) display.start(totalBytes, 0, { name: model.name, size: megabytes(totalBytes) });
      started = true;
      display.update(doneBytes);
    },
    stop: () => {
      if (started) display.stop();
      started = false;
    },
  };
}

function lines(out: Output): ProgressDisplay {
  let tenth = -1;
  return {
    update: ({ model, doneBytes, totalBytes }) => {
      const reached = Math.floor((10 * doneBytes) / totalBytes);
      if (reached <= tenth) return;
      tenth = reached;
      out.write(`${model.name}: ${reached * 10} % of ${megabytes(totalBytes)}\n`);
    },
    stop: () => {
      tenth = -1;
    },
  };
}
