/** Figures by cell, in memory. */
import type { FigureFilters } from '../core/admin-figures.ts';
import { DIMENSIONS } from '../core/dimensions.ts';
import type { UsageRecord } from '../core/record.ts';
import { countRecord, type CellKey } from './count.ts';
import { Figures } from './figures.ts';

export interface Cell {
  readonly key: CellKey;
  /** Adds its figures to a sum. */
  addTo(sum: Figures): void;
}

export class Cells implements Iterable<Cell> {
  readonly #cells = new Map<string, Cell & { readonly figures: Figures }>();

  add(record: UsageRecord): void {
    countRecord(record, (key) => this.at(key));
  }

  at(key: CellKey): Figures {
    const id = cellId(key);
    const known = this.#cells.get(id);
    if (known !== undefined) return known.figures;
    const figures = new Figures();
    this.#cells.set(id, { key, figures, addTo: (sum) => sum.merge(figures) });
    return figures;
  }

  [Symbol.iterator](): IterableIterator<Cell & { readonly figures: Figures }> {
    return this.#cells.values();
  }
}

/** Tells cells apart. */
export const cellId = (key: CellKey): string =>
  `${key.tier}\0${key.upstream}\0${key.model}\0${key.key}\0${key.rule}\0${key.domain}\0${key.outcome}\0${key.kind}\0${key.purpose}`;

/** Whether a cell is among those that are asked for. */
export const isWanted = (key: CellKey, filters: FigureFilters): boolean =>
  DIMENSIONS.every((dimension) => filters[dimension]?.includes(key[dimension]) ?? true);
