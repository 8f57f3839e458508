/** Every layer and head of the chosen kind at a glance: pictures on one canvas, a grid of cells over it to pick from. */
import { layerNumber, layersWithout } from '../../../src/attention/layers';
import type { Atlas, KindInfo } from '../../../src/attention/types';
import { listOf } from '../../../src/text/listInSentence';
import { say } from '../../../src/text/say';
import { el, numberUnder, setAttribute, setText } from '../../dom';
import { layerName } from '../../format';
import { paintCanvas } from '../../render/paintCanvas';
import { activeRole, kindInfo } from '../../state/appState';
import { placeName } from '../../state/names';
import { section } from '../frame/section';
import { view } from '../view';
import { atlasScene } from './atlasScene';
import { rankedHeadsView } from './rankedHeads';
import { roleBar } from './roleBar';

const LARGEST_CELL = 72;
const SMALLEST_CELL = 16;
/** Many layers make cells smaller, down to this, so that all heads take less than this share of the window. */
const MIDDLE_CELL = 22;
const MOST_HEIGHT = 0.4;
const GAP = 4;
const BAR = 5;
const GUTTER = 26;

function describe(atlas: Atlas | null, layer: number, head: number, info: KindInfo | undefined): string {
  const place = placeName({ layer, head }, info);
  if (!atlas) return place;
  const at = layer * atlas.heads + head;
  return say('webview.heads.about', {
    place,
    sink: (atlas.sinkMass[at] ?? 0).toFixed(2),
    entropy: (atlas.entropy[at] ?? 0).toFixed(2),
  });
}

export const atlasView = view((app, scope) => {
  const { state } = app;
  const readout = el('span', { class: 'section-note' });
  const { element, body } = section(say('webview.heads.all'), readout);
  const canvas = el('canvas', { class: 'atlas-pixels', aria: { hidden: true } });
  const grid = el('div', { class: 'atlas-grid', role: 'grid', aria: { label: say('webview.heads.grid') } });
  const columns = el('div', { class: 'atlas-columns', aria: { hidden: true } });
  const frame = el('div', { class: 'atlas' }, columns, el('div', { class: 'atlas-stage' }, canvas, grid));
  const scroller = el('div', { class: 'scroller' }, frame);
  const key = el('p', { class: 'hint atlas-key' }, say('webview.heads.key'));
  const gaps = el('p', { class: 'hint atlas-gaps', hidden: true });
  scope.mount(roleBar, body);
  body.append(scroller, gaps, key);
  scope.mount(rankedHeadsView, body);
  // Arranged by a role, heads stand in a list of their own.
  scope.draw(() => {
    for (const part of [scroller, key]) part.hidden = activeRole(state) !== null;
  });
  frame.title = key.textContent;

  let layers = 0;
  let heads = 0;
  let info: KindInfo | undefined;
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
    const scene = atlasScene(layers, heads, { cell, gap: GAP, bar: BAR }, state.atlas, state.palette);
    paintCanvas(canvas, scene, window.devicePixelRatio);
  };

  scope.draw(() => {
    const next = kindInfo(state.snapshot, state.view.kind);
    const nextLayers = next?.layers ?? 0;
    const nextHeads = next?.heads ?? 0;
    const isSame = nextLayers === layers && nextHeads === heads && next?.places?.join() === info?.places?.join();
    info = next;
    if (isSame) return;
    const without = info ? layersWithout(info) : [];
    gaps.hidden = without.length === 0;
    setText(gaps, without.length === 0 ? '' : say('webview.noAttentionIn', { layers: listOf(without.map(String)) }));
    layers = nextLayers;
    heads = nextHeads;
    element.hidden = layers === 0;
    build();
    layout();
    draw();
  });
  scope.draw(draw);
  scope.draw(() => {
    const { atlas, view: shown, snapshot } = state;
    const info = kindInfo(snapshot, shown.kind);
    const chosen = shown.layer * heads + shown.head;
    cells().forEach((node, index) => {
      const is = index === chosen;
      node.classList.toggle('chosen', is);
      setAttribute(node, 'aria-selected', String(is));
      node.tabIndex = is ? 0 : -1;
      const text = describe(atlas, Math.floor(index / heads), index % heads, info);
      setAttribute(node, 'aria-label', text);
      node.title = text;
    });
    setText(readout, layers === 0 ? '' : describe(atlas, shown.layer, shown.head, info));
  });
  scope.resize(scroller, () => {
    const before = cell;
    layout();
    if (cell !== before) draw();
  });

  const pick = (index: number, focus: boolean): void => {
    app.pickHead(Math.floor(index / heads), index % heads);
    if (focus) cells()[index]?.focus();
  };
  scope.listen(grid, 'click', (event) => {
    const index = numberUnder(event, 'cell');
    if (index !== undefined) pick(index, true);
  });
  scope.listen(grid, 'keydown', (event) => {
    let { layer, head } = state.view;
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
});
