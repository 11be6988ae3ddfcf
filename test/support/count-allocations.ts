import { Session, type HeapProfiler } from 'node:inspector';

/** One sample for so many bytes: hundreds in the work of one request. */
const SAMPLING_BYTES = 512;

/** How many bytes of the heap are taken meanwhile, collected or not: an estimate within a few percent for a megabyte or more. */
export async function bytesAllocatedBy(work: () => Promise<unknown>): Promise<number> {
  const session = new Session();
  session.connect();
  const sampling = {
    samplingInterval: SAMPLING_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  };
  session.post('HeapProfiler.startSampling', sampling);
  try {
    await work();
    return sizeOf(await profileOf(session));
  } finally {
    session.disconnect();
  }
}

const profileOf = (session: Session): Promise<HeapProfiler.SamplingHeapProfile> =>
  new Promise((resolve, reject) => {
    session.post('HeapProfiler.stopSampling', (error, { profile }) => {
      if (error === null) resolve(profile);
      else reject(error);
    });
  });

function sizeOf({ head }: HeapProfiler.SamplingHeapProfile): number {
  let bytes = 0;
  const left = [head];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    bytes += node.selfSize;
    left.push(...node.children);
  }
  return bytes;
}
