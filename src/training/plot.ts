/** Plots the trade-off as SVG: kept quality against the share answered small. */
import type { TradePoint } from '../signals/complexity/model.ts';

const WIDTH = 640;
const HEIGHT = 400;
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 24, 24, 56];

export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly dashed: boolean;
  readonly points: readonly TradePoint[];
}

export function tradePlot(lines: readonly Line[]): string {
  const lowest = Math.min(...lines.flatMap(({ points }) => points.map(({ quality }) => quality)));
  const floor = Math.floor(lowest * 20) / 20;
  const x = (share: number): number => LEFT + share * (WIDTH - LEFT - RIGHT);
  const y = (quality: number): number =>
    TOP + ((1.02 - quality) / (1.02 - floor)) * (HEIGHT - TOP - BOTTOM);
  const parts = [...grid(x, y, floor), ...lines.flatMap((line, at) => drawn(line, { x, y, at }))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Quality kept against the share of requests answered by the small model">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

type Scale = (value: number) => number;

function grid(x: Scale, y: Scale, floor: number): string[] {
  const marks: string[] = [];
  for (let share = 0; share <= 1.001; share += 0.2) {
    marks.push(
      `<line x1="${x(share)}" x2="${x(share)}" y1="${y(1.02)}" y2="${y(floor)}" stroke="#ddd"/>`,
      `<text x="${x(share)}" y="${y(floor) + 18}" text-anchor="middle">${Math.round(share * 100)} %</text>`,
    );
  }
  for (let quality = floor; quality <= 1.001; quality += 0.05) {
    marks.push(
      `<line x1="${x(0)}" x2="${x(1)}" y1="${y(quality)}" y2="${y(quality)}" stroke="#ddd"/>`,
      `<text x="${x(0) - 8}" y="${y(quality) + 4}" text-anchor="end">${Math.round(quality * 100)} %</text>`,
    );
  }
  const [middle, side] = [(x(0) + x(1)) / 2, (y(1.02) + y(floor)) / 2];
  return [
    ...marks,
    `<text x="${middle}" y="${HEIGHT - 14}" text-anchor="middle">share answered by the small model</text>`,
    `<text transform="translate(16 ${side}) rotate(-90)" text-anchor="middle">quality of the large model kept</text>`,
  ];
}

function drawn(
  { name, colour, dashed, points }: Line,
  { x, y, at }: { x: Scale; y: Scale; at: number },
): string[] {
  const path = points
    .map(({ largeShare, quality }) => `${x(1 - largeShare).toFixed(1)},${y(quality).toFixed(1)}`)
    .join(' ');
  const key = TOP + 200 + at * 18;
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="5 4"' : ''}/>`,
    `<line x1="${LEFT + 16}" x2="${LEFT + 44}" y1="${key}" y2="${key}" stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="5 4"' : ''}/>`,
    `<text x="${LEFT + 52}" y="${key + 4}">${name}</text>`,
  ];
}
