import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { join } from 'node:path';
import { launchChromium } from '../support/chromium';
import type { createHeatmap as Create } from '../../webview/render/heatmap';
import type { buildRamp as BuildRamp } from '../../webview/render/ramp';
import type { HeatViewport } from '../../webview/render/heatPainter';

interface Lab {
  createHeatmap: typeof Create;
  buildRamp: typeof BuildRamp;
  /** RGBA of every pixel, four bytes to a number. */
  pixels(host: HTMLElement): Uint32Array;
}

let browser: Browser | undefined;
let page: Page;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        export { createHeatmap } from './heatmap';
        export { buildRamp } from './ramp';
        export const pixels = (host) => {
          const canvas = host.querySelector('canvas');
          const copy = document.createElement('canvas');
          copy.width = canvas.width; copy.height = canvas.height;
          const context = copy.getContext('2d');
          context.drawImage(canvas, 0, 0);
          return new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer);
        };`,
      resolveDir: join(import.meta.dirname, '../../webview/render'),
    },
    bundle: true,
    format: 'iife',
    globalName: 'lab',
    write: false,
    target: 'chrome128',
  });
  browser = await launchChromium();
  page = await browser.newPage();
  await page.setContent('<div id="gl"></div><div id="plain"></div>');
  await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
});
afterAll(() => browser?.close());

/** The byte at a place of the test's matrices. */
const byteAt = (i: number): number => (i * 7919 + (i >> 3) * 31) % 256;

/** Draws the same matrix with both painters and compares on the page; returns Canvas2D's pixels at `places`. */
const both = (rows: number, columns: number, viewport: HeatViewport, places: readonly number[] = []) =>
  page.evaluate(
    async ({ rows: r, columns: c, viewport: v, places: wanted }) => {
      const lab = Reflect.get(window, 'lab') as Lab;
      const data = Uint8Array.from({ length: r * c }, (_, i) => (i * 7919 + (i >> 3) * 31) % 256);
      const { table } = lab.buildRamp([31, 31, 31], [89, 164, 249], [204, 204, 204]);
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const draw = async (id: string, prefer: 'webgl2' | 'canvas2d') => {
        const host = document.getElementById(id);
        if (!host) throw new Error('No host.');
        host.replaceChildren();
        const map = lab.createHeatmap(host, prefer);
        map.setMatrix(data, r, c);
        map.setTable(table, 0);
        map.draw(v);
        // What lies under many cells is drawn over some frames.
        for (let frames = 0; frames < 12; frames++) await frame();
        const result = { backend: map.backend(), pixels: lab.pixels(host) };
        map.dispose();
        return result;
      };
      const gl = await draw('gl', 'webgl2');
      const plain = await draw('plain', 'canvas2d');
      return {
        backends: [gl.backend, plain.backend],
        drawn: plain.pixels.length,
        different: plain.pixels.filter((pixel, at) => pixel !== gl.pixels[at]).length,
        samples: wanted.map((at) => plain.pixels[at]),
        colours: [...new Uint32Array(table.buffer)],
      };
    },
    { rows, columns, viewport, places },
  );

test('WebGL2 and Canvas2D give the table’s colours, cell by cell, the same', async () => {
  const cells = Array.from({ length: 9 * 13 }, (_, i) => ({
    i,
    corner: Math.floor(i / 13) * 10 * 130 + (i % 13) * 10,
  }));
  const middles = cells.map(({ corner }) => corner + 5 * 130 + 5);
  const result = await both(9, 13, { width: 13 * 10, height: 9 * 10, column: 0, row: 0, cell: 10, gap: 1 }, [
    ...middles,
    ...cells.map(({ corner }) => corner),
  ]);
  expect(result.backends).toEqual(['webgl2', 'canvas2d']);
  expect(result.samples.slice(0, cells.length)).toEqual(cells.map(({ i }) => result.colours[byteAt(i)]));
  expect(new Set(result.samples.slice(cells.length))).toEqual(new Set([result.colours[0]])); // the gaps
  expect(result.different).toBe(0);
});

test('zoomed in, scrolled, and beyond the edge', async () => {
  const result = await both(40, 60, { width: 200, height: 150, column: 45, row: 33, cell: 12, gap: 1 }, [
    6 * 200 + 6,
    149 * 200 + 199,
  ]);
  expect(result.samples).toEqual([result.colours[byteAt(33 * 60 + 45)], result.colours[0]]);
  expect([result.drawn, result.different]).toEqual([200 * 150, 0]);
});

test('2,000 × 2,000 in 500 pixels: each pixel is the largest weight under it', async () => {
  const places = [
    [0, 0],
    [17, 333],
    [400, 249],
    [400, 250], // the first row of the second band
    [499, 499],
  ] as const;
  const result = await both(
    2000,
    2000,
    { width: 500, height: 500, column: 0, row: 0, cell: 0.25, gap: 0 },
    places.map(([x, y]) => y * 500 + x),
  );
  const largest = places.map(([x, y]) => {
    let most = 0;
    for (let row = y * 4; row < y * 4 + 4; row++)
      for (let column = x * 4; column < x * 4 + 4; column++) most = Math.max(most, byteAt(row * 2000 + column));
    return most;
  });
  expect(result.samples).toEqual(largest.map((most) => result.colours[most]));
  expect(result.different).toBe(0);
});

test('a lost context falls back to Canvas2D at once, and WebGL2 comes back', async () => {
  const states = await page.evaluate(async () => {
    const lab = Reflect.get(window, 'lab') as Lab;
    const host = document.getElementById('gl');
    if (!host) throw new Error('No host.');
    host.replaceChildren();
    const map = lab.createHeatmap(host, 'webgl2');
    const { table } = lab.buildRamp([255, 255, 255], [0, 99, 211], [59, 59, 59]);
    map.setMatrix(
      Uint8Array.from({ length: 16 }, (_, i) => i * 17),
      4,
      4,
    );
    map.setTable(table, 0);
    const view = { width: 40, height: 40, column: 0, row: 0, cell: 10, gap: 0 };
    map.draw(view);
    const before = { backend: map.backend(), pixels: [...lab.pixels(host)] };
    const extension = host.querySelector('canvas')?.getContext('webgl2')?.getExtension('WEBGL_lose_context');
    if (!extension) throw new Error('The context cannot be lost here.');
    const until = async (backend: string) => {
      for (let i = 0; i < 100 && map.backend() !== backend; i++)
        await new Promise((resolve) => setTimeout(resolve, 20));
    };
    extension.loseContext();
    await until('canvas2d');
    const lost = { backend: map.backend(), pixels: [...lab.pixels(host)] };
    extension.restoreContext();
    await until('webgl2');
    map.draw(view);
    const back = { backend: map.backend(), pixels: [...lab.pixels(host)] };
    return { before, lost, back, canvases: host.querySelectorAll('canvas').length };
  });
  expect([states.before.backend, states.lost.backend, states.back.backend, states.canvases]).toEqual([
    'webgl2',
    'canvas2d',
    'webgl2',
    1,
  ]);
  expect(states.lost.pixels).toEqual(states.before.pixels);
  expect(states.back.pixels).toEqual(states.before.pixels);
});

test('a map that is half under something else shows all that is not covered', async () => {
  const shown = async (prefer?: 'webgl2' | 'canvas2d') => {
    await page.evaluate(async (kind) => {
      const lab = Reflect.get(window, 'lab') as Lab;
      const box = (css: string) => Object.assign(document.createElement('div'), { style: css });
      const host = box('width: 300px');
      host.id = 'gl';
      const bar = box('position: sticky; top: 0; height: 60px; background: white; z-index: 1');
      document.body.replaceChildren(bar, host, box('height: 3000px'));
      const map = lab.createHeatmap(host, kind);
      map.setMatrix(new Uint8Array(100).fill(255), 10, 10);
      map.setTable(lab.buildRamp([255, 255, 255], [0, 0, 200], [59, 59, 59]).table, 0);
      map.draw({ width: 300, height: 300, column: 0, row: 0, cell: 30, gap: 0 });
      window.scrollTo(0, 120);
      for (let frames = 0; frames < 5; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
    }, prefer);
    const at = await page.locator('#gl').boundingBox();
    const png = await page.screenshot({ clip: { x: at?.x ?? 0, y: 0, width: 300, height: 400 } });
    // The first and the last row of pixels that has the map's colour.
    return page.evaluate(async (base64) => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
      context?.drawImage(image, 0, 0);
      const rows = Array.from({ length: image.height }, (_, y) => y).filter(
        (y) =>
          (context?.getImageData(150, y, 1, 1).data[2] ?? 0) > 150 &&
          (context?.getImageData(150, y, 1, 1).data[0] ?? 255) < 50,
      );
      return [rows[0], rows.at(-1), rows.length];
    }, png.toString('base64'));
  };
  const free = [60, 247, 188]; // 300 pixels from 52 above the window's edge, without those that lie under the bar
  expect(await shown('canvas2d')).toEqual(free);
  // WebGL's canvas loses a part where a processor draws the page, so it is not what is taken there.
  expect(await shown()).toEqual(free);
});
