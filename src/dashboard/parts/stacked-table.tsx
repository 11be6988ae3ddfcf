/** A table that stands in two lines a row on a narrow screen. Its roles are said, since display other than a table's takes them away. */
import type { ComponentChildren } from 'preact';

interface StackedTableProps {
  readonly heads: readonly string[];
  /** Id of what names it. */
  readonly labelledBy?: string;
  /** Each a `StackedRow`. */
  readonly children: ComponentChildren;
}

export const StackedTable = ({ heads, labelledBy, children }: StackedTableProps) => (
  <table class="plain stacked" role="table" aria-labelledby={labelledBy}>
    <thead role="rowgroup">
      <tr role="row">
        {heads.map((head) => (
          <th key={head} role="columnheader" scope="col">
            {head}
          </th>
        ))}
      </tr>
    </thead>
    <tbody role="rowgroup">{children}</tbody>
  </table>
);

interface StackedRowProps {
  readonly name: ComponentChildren;
  /** Its cells. */
  readonly children: ComponentChildren;
}

export const StackedRow = ({ name, children }: StackedRowProps) => (
  <tr role="row">
    <th role="rowheader" scope="row">
      {name}
    </th>
    {children}
  </tr>
);
