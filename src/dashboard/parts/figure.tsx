import type { ComponentChildren } from 'preact';
import type { Figure } from '../format.ts';
import { t } from '../i18n/index.ts';

/** A rounded figure; the exact one is its title, and is read out with it. */
export function FigureText({ figure }: { readonly figure: Figure | undefined }) {
  if (figure === undefined) return <span class="unknown">{t.value.common.unknown}</span>;
  const { text, exact } = figure;
  if (exact === undefined || exact === text) return <span class="figure">{text}</span>;
  return (
    <span class="figure has-exact" title={exact}>
      {text}
      <span class="visually-hidden"> ({exact})</span>
    </span>
  );
}

interface TileProps {
  readonly name: string;
  readonly children: ComponentChildren;
  /** How the figure is known, and what it leaves out. */
  readonly notes: readonly (string | false | undefined)[];
}

/** One figure of an overview: its name, itself, and how it is known. */
export function Tile({ name, children, notes }: TileProps) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd class="tile-figure">{children}</dd>
      {notes.map((note) =>
        note === undefined || note === false || note === '' ? null : (
          <dd key={note} class="tile-note">
            {note}
          </dd>
        ),
      )}
    </div>
  );
}
