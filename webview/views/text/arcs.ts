/** Curves over the running text from the looked-at token to those it is tied to; strength is width and opacity. */
import { svg } from '../../dom';

export interface Arc {
  readonly from: HTMLElement;
  readonly to: HTMLElement;
  /** 0 to 1. */
  readonly weight: number;
}

export interface Arcs {
  draw(list: readonly Arc[], colour: string): void;
}

interface Box {
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly bottom: number;
  readonly height: number;
}

/** Where a token is, or the edge of its scrolled block that it lies beyond. */
function seen(token: HTMLElement): Box {
  const { left, width, top, bottom, height } = token.getBoundingClientRect();
  const block = token.parentElement?.getBoundingClientRect();
  if (!block) return { left, width, top, bottom, height };
  const shift = Math.max(0, block.top - top) - Math.max(0, bottom - block.bottom);
  return { left, width, height, top: top + shift, bottom: bottom + shift };
}

export function arcs(stage: HTMLElement): Arcs {
  const layer = svg('svg', { class: 'arcs', 'aria-hidden': 'true', focusable: 'false' });
  stage.append(layer);
  const pool: SVGPathElement[] = [];
  return {
    draw(list, colour) {
      const frame = stage.getBoundingClientRect();
      // All measuring before any writing: one layout.
      const lines = list.map(({ from, to, weight }) => {
        const a = seen(from);
        const b = seen(to);
        const ax = a.left + a.width / 2 - frame.left;
        const bx = b.left + b.width / 2 - frame.left;
        const sameLine = Math.abs(a.top - b.top) < a.height / 2;
        let path: string;
        if (sameLine) {
          const y = a.top - frame.top;
          const lift = Math.min(30, 8 + Math.abs(bx - ax) * 0.12);
          path = `M${ax} ${y}C${ax} ${y - lift} ${bx} ${y - lift} ${bx} ${y}`;
        } else {
          const down = b.top > a.top;
          const ay = (down ? a.bottom : a.top) - frame.top;
          const by = (down ? b.top : b.bottom) - frame.top;
          const middle = (ay + by) / 2;
          path = `M${ax} ${ay}C${ax} ${middle} ${bx} ${middle} ${bx} ${by}`;
        }
        return { path, weight };
      });
      lines.forEach(({ path, weight }, index) => {
        const line = (pool[index] ??= layer.appendChild(svg('path', { class: 'arc' })));
        line.setAttribute('d', path);
        line.setAttribute('stroke', colour);
        line.setAttribute('stroke-width', String(1 + 2 * Math.min(1, weight)));
        line.setAttribute('stroke-opacity', String(Math.min(1, 0.25 + 0.75 * Math.sqrt(weight))));
      });
      for (const spare of pool.slice(lines.length)) spare.removeAttribute('d');
    },
  };
}
