/** Every layer and head of the chosen kind at a glance: pictures on one canvas, a grid of cells over it to pick from. */
import { layerNumber, layersWithout } from '../../../src/attention/layers';
import type { Atlas, KindInfo } from '../../../src/attention/types';
import { say } from '../../../src/text/say';
import type { App } from '../../state/app';
import { el, numberUnder, setAttribute, setText } from '../../dom';
import { headName, layerName } from '../../format';
import { kindInfo } from '../../state/appState';
import { atlasImage, drawAtlas } from '../../render/atlas';
import { section } from '../frame/section';

const LARGEST_CELL = 72;
const SMALLEST_CELL = 16;
/** Many layers make cells smaller, down to this, so that all heads take less than this share of the window. */
const MIDDLE_CELL = 22;
const MOST_HEIGHT = 0.4;
const GAP = 4;
const BAR = 5;
const GUTTER = 26;

function describe(atlas: Atlas | null, layer: number, head: number, heads: number, info?: KindInfo): string {
  const at = layer * heads + head;
  const place = `${layerName(layer, info)}, ${headName(head).toLowerCase()}`;
  if (!atlas || atlas.heads !== heads) return place;
  return `${place}: sink mass ${(atlas.sinkMass[at] ?? 0).toFixed(2)}, entropy ${(atlas.entropy[at] ?? 0).toFixed(2)} bits`;
}

export function atlasView(app: App): HTMLElement {
  const { store } = app;
  const readout = el('span', { class: 'section-note' });
  const { element, body } = section('All heads', readout);
  const canvas = el('canvas', { class: 'atlas-pixels', aria: { hidden: true } });
  const grid = el('div', { class: 'atlas-grid', role: 'grid', aria: { label: 'Layers and heads' } });
  const columns = el('div', { class: 'atlas-columns', aria: { hidden: true } });
  const frame = el('div', { class: 'atlas' }, columns, el('div', { class: 'atlas-stage' }, canvas, grid));
  const scroller = el('div', { class: 'scroller' }, frame);
  const key = el(
    'p',
    { class: 'hint atlas-key' },
    'Rows are layers, columns heads. The bar under a head is its sink mass: the mean weight that goes to special or first tokens.',
  );
  const gaps = el('p', { class: 'hint atlas-gaps' });
  body.append(scroller, gaps, key);
  frame.title = key.textContent;

  const context = canvas.getContext('2d');
  const picture = new OffscreenCanvas(1, 1);
  let info: KindInfo | undefined;
  let layers = 0;
  let heads = 0;
  let cell = SMALLEST_CELL;

  const cells = (): readonly HTMLElement[] => [...grid.querySelectorAll<HTMLElement>('[role=gridcell]')];

  const build = (): void => {
    grid.replaceChildren(
      ...Array.from({ length: layers }, (_, layer) =>
        el(
          'div',
          { class: 'atlas-row', role: 'row', aria: { label: layerName(layer, info) } },
          el(
            'span',
            { class: 'atlas-layer', role: 'rowheader', title: layerName(layer, info) },
            String(layerNumber(info, layer)),
          ),
          ...Array.from({ length: heads }, (__, head) =>
            el('div', { class: 'atlas-cell', role: 'gridcell', tabIndex: -1, data: { cell: layer * heads + head } }),
          ),
        ),
      ),
    );
    columns.replaceChildren(...Array.from({ length: heads }, (_, head) => el('span', {}, String(head + 1))));
  };

  const layout = (): void => {
    const room = scroller.clientWidth - GUTTER;
    const across = Math.floor(room / Math.max(1, heads)) - GAP;
    const down = Math.max(
      MIDDLE_CELL,
      Math.floor((window.innerHeight * MOST_HEIGHT) / Math.max(1, layers)) - GAP - BAR,
    );
    cell = Math.max(SMALLEST_CELL, Math.min(LARGEST_CELL, across, down));
    frame.style.setProperty('--cell', `${cell}px`);
    frame.style.setProperty('--gap', `${GAP}px`);
    frame.style.setProperty('--bar', `${BAR}px`);
    frame.style.setProperty('--gutter', `${GUTTER}px`);
    frame.classList.toggle('dense', cell < 20);
  };

  const draw = (): void => {
    const { atlas, palette } = store.get();
    const ratio = window.devicePixelRatio;
    const width = heads * (cell + GAP);
    const height = layers * (cell + GAP + BAR);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const pen = picture.getContext('2d');
    if (!context || !pen || !atlas || atlas.layers !== layers || atlas.heads !== heads || atlas.rows * atlas.cols === 0)
      return;
    picture.width = heads * atlas.cols;
    picture.height = layers * atlas.rows;
    const image = pen.createImageData(picture.width, picture.height);
    atlasImage(atlas, palette.ramp.table, image.data);
    pen.putImageData(image, 0, 0);
    drawAtlas(
      context,
      picture,
      atlas,
      { cell, gap: GAP, bar: BAR },
      { track: palette.border, bar: palette.muted },
      ratio,
    );
  };

  store.watch(
    ({ snapshot, view }) => {
      const next = kindInfo(snapshot, view.kind);
      return [next?.layers ?? 0, next?.heads ?? 0, next] as const;
    },
    ([nextLayers, nextHeads, next]) => {
      info = next;
      const without = next ? layersWithout(next) : [];
      gaps.hidden = without.length === 0;
      gaps.textContent = without.length === 0 ? '' : say('webview.noAttentionIn', { layers: without.join(', ') });
      layers = nextLayers;
      heads = nextHeads;
      element.hidden = layers === 0;
      build();
      layout();
      draw();
    },
  );
  store.watch(({ atlas, palette }) => [atlas, palette], draw);
  store.watch(
    ({ snapshot, view, atlas }) =>
      [kindInfo(snapshot, view.kind)?.layers, heads, view.layer, view.head, atlas] as const,
    ([, , layer, head, atlas]) => {
      const chosen = layer * heads + head;
      cells().forEach((node, index) => {
        const is = index === chosen;
        node.classList.toggle('chosen', is);
        setAttribute(node, 'aria-selected', String(is));
        node.tabIndex = is ? 0 : -1;
        const text = describe(atlas, Math.floor(index / heads), index % heads, heads, info);
        setAttribute(node, 'aria-label', text);
        node.title = text;
      });
      setText(readout, layers === 0 ? '' : describe(atlas, layer, head, heads, info));
    },
  );
  new ResizeObserver(() => {
    const before = cell;
    layout();
    if (cell !== before) draw();
  }).observe(scroller);

  const pick = (index: number, focus: boolean): void => {
    app.pickHead(Math.floor(index / heads), index % heads);
    if (focus) cells()[index]?.focus();
  };
  grid.addEventListener('click', (event) => {
    const index = numberUnder(event, 'cell');
    if (index !== undefined) pick(index, true);
  });
  grid.addEventListener('keydown', (event) => {
    const { view } = store.get();
    let { layer, head } = view;
    switch (event.key) {
      case 'ArrowRight':
        head++;
        break;
      case 'ArrowLeft':
        head--;
        break;
      case 'ArrowDown':
        layer++;
        break;
      case 'ArrowUp':
        layer--;
        break;
      case 'Home':
        head = 0;
        break;
      case 'End':
        head = heads - 1;
        break;
      default:
        return;
    }
    event.preventDefault();
    if (layer >= 0 && layer < layers && head >= 0 && head < heads) pick(layer * heads + head, true);
  });
  return element;
}
