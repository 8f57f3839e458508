/** Curves over the running text from the looked-at token to those it is tied to; strength is width and opacity. */
import type { CurveMark, Scene } from '../../render/scene';
import type { Palette } from '../../theme';

export interface Arc {
  readonly from: HTMLElement;
  readonly to: HTMLElement;
  /** The share of the scale, −1 to 1. */
  readonly strength: number;
}

/** How far an arc's handles are lifted at most, in pixels: three quarters of it is the arc's height, which has room under the label. */
const MOST_LIFT = 26;

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

/** A curve between two boxes: above the line where both stand on one, else from line to line. */
function curve(a: Box, b: Box, frame: DOMRect): Pick<CurveMark, 'from' | 'leaving' | 'arriving' | 'to'> {
  const ax = a.left + a.width / 2 - frame.left;
  const bx = b.left + b.width / 2 - frame.left;
  if (Math.abs(a.top - b.top) < a.height / 2) {
    const y = a.top - frame.top;
    const lift = Math.min(MOST_LIFT, 8 + Math.abs(bx - ax) * 0.12);
    return { from: { x: ax, y }, leaving: { x: ax, y: y - lift }, arriving: { x: bx, y: y - lift }, to: { x: bx, y } };
  }
  const down = b.top > a.top;
  const ay = (down ? a.bottom : a.top) - frame.top;
  const by = (down ? b.top : b.bottom) - frame.top;
  const middle = (ay + by) / 2;
  return {
    from: { x: ax, y: ay },
    leaving: { x: ax, y: middle },
    arriving: { x: bx, y: middle },
    to: { x: bx, y: by },
  };
}

/** The curves in the stage's own coordinates. */
export function arcScene(stage: HTMLElement, arcs: readonly Arc[], palette: Palette): Scene {
  const frame = stage.getBoundingClientRect();
  const marks = arcs.map(({ from, to, strength }): CurveMark => {
    const size = Math.min(1, Math.abs(strength));
    return {
      shape: 'curve',
      ...curve(seen(from), seen(to), frame),
      stroke: strength < 0 ? palette.lineBelow : palette.line,
      lineWidth: 1 + 2 * size,
      opacity: palette.highContrast ? 1 : Math.min(1, 0.25 + 0.75 * Math.sqrt(size)),
      dashed: strength < 0,
    };
  });
  return { width: frame.width, height: frame.height, font: '', marks };
}
