/** Places of a gateway that is one process. */
import type { Places } from '../../core/places.ts';

export function memoryPlaces(): Places {
  const taken = new Map<string, number>();
  const isHere = (name: string, limit: number): boolean => (taken.get(name) ?? 0) < limit;
  return {
    take: (name, limit) => {
      if (!isHere(name, limit)) return false;
      taken.set(name, (taken.get(name) ?? 0) + 1);
      return true;
    },
    leave: (name) => {
      const left = (taken.get(name) ?? 0) - 1;
      if (left > 0) taken.set(name, left);
      else taken.delete(name);
    },
    isHere,
    bring: isHere,
  };
}
