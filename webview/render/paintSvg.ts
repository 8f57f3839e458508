/** Paints a scene into an SVG element: for what lies over running text, and for figures that stay sharp at any size. */
import { HATCH_STEP, seenOf, type HatchMark, type Mark, type MatrixMark, type Scene } from './scene';

const SVG = 'http://www.w3.org/2000/svg';

function node(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  label?: string,
): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, String(value));
  if (label !== undefined) {
    const title = document.createElementNS(SVG, 'title');
    title.textContent = label;
    made.append(title);
  }
  return made;
}

/** A line's part inside a box; the lines of a hatch go up from left to right at 45 degrees. */
function hatchPath({ x, y, width, height }: HatchMark): string {
  let path = '';
  for (let at = -height; at < width; at += HATCH_STEP) {
    const from = Math.max(0, at);
    const to = Math.min(width, at + height);
    if (to > from) path += `M${x + from} ${y + height - (from - at)}L${x + to} ${y + height - (to - at)}`;
  }
  return path;
}

/** A rectangle for each cell in sight that is not zero. */
function cells(mark: MatrixMark): SVGElement {
  const { x, y, width, height, columns, data, table, zero, label } = mark;
  const seen = seenOf(mark);
  const group = node('g', {}, label);
  const colour = (entry: number): string =>
    `rgb(${table[entry * 4] ?? 0}, ${table[entry * 4 + 1] ?? 0}, ${table[entry * 4 + 2] ?? 0})`;
  group.append(node('rect', { x, y, width, height, fill: colour(zero) }));
  const across = width / seen.columns;
  const down = height / seen.rows;
  for (let row = Math.floor(seen.row); row < seen.row + seen.rows; row++)
    for (let column = Math.floor(seen.column); column < seen.column + seen.columns; column++) {
      const entry = data[row * columns + column] ?? zero;
      if (entry === zero) continue;
      // What lies half out of sight is cut.
      const left = Math.max(x, x + (column - seen.column) * across);
      const top = Math.max(y, y + (row - seen.row) * down);
      const right = Math.min(x + width, x + (column + 1 - seen.column) * across);
      const bottom = Math.min(y + height, y + (row + 1 - seen.row) * down);
      group.append(node('rect', { x: left, y: top, width: right - left, height: bottom - top, fill: colour(entry) }));
    }
  return group;
}

function paint(mark: Mark, font: string): SVGElement {
  switch (mark.shape) {
    case 'rect': {
      const { x, y, width, height, fill, stroke, lineWidth, opacity, label } = mark;
      const look = { fill: fill ?? 'none', stroke, 'stroke-width': stroke && (lineWidth ?? 1), opacity };
      return node('rect', { x, y, width, height, ...look }, label);
    }
    case 'curve': {
      const { from, leaving, arriving, to, stroke, lineWidth, opacity, dashed, flat, label } = mark;
      return node(
        'path',
        {
          class: 'arc',
          d: `M${from.x} ${from.y}C${leaving.x} ${leaving.y} ${arriving.x} ${arriving.y} ${to.x} ${to.y}`,
          fill: 'none',
          stroke,
          'stroke-width': lineWidth,
          'stroke-opacity': opacity,
          'stroke-linecap': flat === true ? 'butt' : 'round',
          'stroke-dasharray': dashed === true ? '4 4' : undefined,
        },
        label,
      );
    }
    case 'text': {
      const { x, y, text, align, colour, size, bold, angle, opacity } = mark;
      const made = node('text', {
        transform: `translate(${x} ${y})${angle === undefined ? '' : ` rotate(${(angle * 180) / Math.PI})`}`,
        fill: colour,
        'font-family': font,
        'font-size': size,
        'font-weight': bold === true ? 'bold' : undefined,
        'text-anchor': align === 'right' ? 'end' : 'start',
        'dominant-baseline': 'central',
        opacity,
      });
      made.append(text);
      return made;
    }
    case 'hatch':
      return node('path', { d: hatchPath(mark), stroke: mark.stroke, 'stroke-opacity': 0.6 });
    case 'matrix':
      return cells(mark);
  }
}

/** Puts a scene's marks into an SVG in place of what was there. */
export function paintSvg(svg: SVGSVGElement, { marks, font }: Scene): void {
  svg.replaceChildren(...marks.map((mark) => paint(mark, font)));
}
