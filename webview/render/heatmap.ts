/** A matrix of bytes as coloured cells, by WebGL2 where a graphics card draws it, else by Canvas2D; survives a lost context. */
import { createGlHeatmap } from './heatmapGl';
import { create2dHeatmap } from './heatmap2d';
import { bandsOf } from './heatBands';
import { hasGraphicsCard } from './graphicsCard';
import type { HeatPainter, HeatViewport } from './heatPainter';

/** A matrix of more cells has a frame of its own when it is first drawn, after the one in which what lies round it is. */
const LARGE = 1e5;

export interface Heatmap extends Omit<HeatPainter, 'draw'> {
  /** Draws at once; a large matrix that is new a frame later, and what lies under too many cells for one frame band by band, a frame each. */
  draw(viewport: HeatViewport): void;
  /** What draws now. */
  readonly backend: () => 'webgl2' | 'canvas2d';
}

/**
 * Puts a canvas into `host`. When the GPU takes the context away, a Canvas2D takes over at once, and WebGL2 comes
 * back when the context is restored.
 */
export function createHeatmap(
  host: HTMLElement,
  prefer: 'webgl2' | 'canvas2d' = hasGraphicsCard() ? 'webgl2' : 'canvas2d',
): Heatmap {
  let matrix: readonly [Uint8Array, number, number] | undefined;
  let table: readonly [Uint8Array, number] | undefined;
  let viewport: HeatViewport | undefined;
  let painter: HeatPainter | undefined;
  let backend: 'webgl2' | 'canvas2d' = 'canvas2d';
  let canvas: HTMLCanvasElement | undefined;
  let spare: HTMLCanvasElement | undefined;
  let disposed = false;
  /** Bands that are still to be drawn as the picture now is, and the one that is next: a picture that moves goes on where it was. */
  let left = 0;
  let at = 0;
  let frame: number | undefined;
  /** True for a large matrix of which nothing is drawn yet. */
  let isFresh = false;

  const drawBand = (): void => {
    frame = undefined;
    isFresh = false;
    if (!viewport || left === 0) return;
    const bands = bandsOf(viewport, matrix?.[1] ?? 0, matrix?.[2] ?? 0);
    at %= bands.length;
    painter?.draw(viewport, bands[at]);
    at++;
    left--;
    if (left > 0) frame = requestAnimationFrame(drawBand);
  };
  const drawAll = (): void => {
    if (!viewport) return;
    left = bandsOf(viewport, matrix?.[1] ?? 0, matrix?.[2] ?? 0).length;
    if (frame !== undefined) return;
    // Who asked for it has drawn what lies round it in this frame.
    if (left > 1 || isFresh) frame = requestAnimationFrame(drawBand);
    else drawBand();
  };

  const replay = (): void => {
    if (matrix) painter?.setMatrix(...matrix);
    if (table) painter?.setTable(...table);
    drawAll();
  };
  const use = (next: HTMLCanvasElement, kind: 'webgl2' | 'canvas2d', made: HeatPainter): void => {
    canvas?.remove();
    canvas = next;
    painter = made;
    backend = kind;
    host.append(next);
    replay();
  };
  const make = (): HTMLCanvasElement => {
    const made = host.ownerDocument.createElement('canvas');
    made.className = 'heat-pixels';
    made.setAttribute('aria-hidden', 'true');
    return made;
  };
  const use2d = (): void => {
    const next = make();
    use(next, 'canvas2d', create2dHeatmap(next));
  };
  const useGl = (next: HTMLCanvasElement): boolean => {
    const made = createGlHeatmap(next);
    if (made) use(next, 'webgl2', made);
    return made !== undefined;
  };

  if (prefer === 'webgl2') {
    const gl = make();
    gl.addEventListener('webglcontextlost', (event) => {
      event.preventDefault(); // without this the context never comes back
      if (disposed) return;
      spare = gl;
      use2d();
    });
    gl.addEventListener('webglcontextrestored', () => {
      if (spare && !disposed) useGl(spare);
    });
    if (!useGl(gl)) use2d();
  } else use2d();

  return {
    backend: () => backend,
    setMatrix(data, rows, columns) {
      matrix = [data, rows, columns];
      isFresh = data.length > LARGE;
      painter?.setMatrix(data, rows, columns);
    },
    setTable(next, zero) {
      table = [next, zero];
      painter?.setTable(next, zero);
    },
    draw(next) {
      viewport = next;
      drawAll();
    },
    dispose() {
      disposed = true;
      if (frame !== undefined) cancelAnimationFrame(frame);
      painter?.dispose();
      canvas?.remove();
    },
  };
}
