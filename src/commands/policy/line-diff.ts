/** What differs between two texts, line by line. */

interface Line {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** The fewest lines removed and added: a longest common subsequence, quadratic in what is not common at the ends. */
export function lineDiff(before: string, after: string): readonly Line[] {
  const old = before.trimEnd().split('\n');
  const now = after.trimEnd().split('\n');
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head += 1;
  let tail = 0;
  const most = Math.min(old.length, now.length) - head;
  while (tail < most && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  return [
    ...old.slice(0, head).map(same),
    ...middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...old.slice(old.length - tail).map(same),
  ];
}

const same = (text: string): Line => ({ kind: 'same', text });

function middle(old: readonly string[], now: readonly string[]): readonly Line[] {
  const common = commonLengths(old, now);
  const width = now.length + 1;
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    const [left, right] = [old[i], now[j]];
    if (left !== undefined && left === right) {
      lines.push(same(left));
      i += 1;
      j += 1;
    } else if (
      left !== undefined &&
      (right === undefined || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)
    ) {
      lines.push({ kind: 'removed', text: left });
      i += 1;
    } else {
      lines.push({ kind: 'added', text: right ?? '' });
      j += 1;
    }
  }
  return lines;
}

/** At `i * width + j`: how many lines `old` from i on and `now` from j on have in common, in order. */
function commonLengths(old: readonly string[], now: readonly string[]): Uint32Array {
  const width = now.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        old[i] === now[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  return lengths;
}

/** Unchanged lines that are shown around a change. */
const CONTEXT = 3;
const SIGN = { same: ' ', removed: '-', added: '+' } as const;

/** As `diff -u` would show it, without its line numbers; `''` when nothing differs. */
export function diffInWords(lines: readonly Line[]): string {
  const changed = lines.flatMap(({ kind }, index) => (kind === 'same' ? [] : [index]));
  const shown = lines.map((_, index) => changed.some((at) => Math.abs(at - index) <= CONTEXT));
  return lines
    .flatMap(({ kind, text }, index) => {
      if (shown[index] !== true) return [];
      const gap = index > 0 && shown[index - 1] !== true ? ['…'] : [];
      return [...gap, `${SIGN[kind]} ${text}`.trimEnd()];
    })
    .join('\n');
}
