/**
 * The metrics of all workers as one. Counters never fall: what a worker counted stays when it is gone, and of one that does not
 * answer in time the last that it said is taken.
 */
import type { Format } from '../telemetry/exposition.ts';
import { lastingPart, mergeExpositions } from '../telemetry/merge-expositions.ts';
import type { Member } from './member.ts';

interface Gathering {
  /** `own` is of the worker that asks. */
  gather(self: Member, format: Format, own: string): Promise<string>;
  departed(member: Member): void;
}

const PATIENCE_MS = 2000;

/** @param primary what this process counts itself */
export function gatherMetrics(
  members: () => Iterable<Member>,
  primary: (format: Format) => string,
): Gathering {
  const gone = new Map<Format, string>();
  return {
    gather: async (self, format, own) => {
      self.expositions.set(format, own);
      // Now: who ends while it is asked is counted by what it said, and not once more among those that are gone.
      const before = gone.get(format) ?? '';
      const others = [...members()].filter((one) => one !== self && one.hasStarted());
      const texts = await Promise.all(others.map(async (one) => await textOf(one, format)));
      return mergeExpositions([own, ...texts, before, primary(format)], format);
    },
    departed: ({ expositions }) => {
      for (const [format, text] of expositions)
        gone.set(format, mergeExpositions([gone.get(format) ?? '', lastingPart(text)], format));
    },
  };
}

async function textOf(member: Member, format: Format): Promise<string> {
  try {
    const text = await member.line.ask('scrape', format, PATIENCE_MS);
    member.expositions.set(format, text);
    return text;
  } catch {
    return member.expositions.get(format) ?? '';
  }
}
