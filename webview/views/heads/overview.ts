/** Every layer and head of the chosen kind at a glance: pictures on one canvas, a grid of cells over it to pick from. */
import { layerNumber, layersWithout } from '../../../src/attention/layers';
import { lined, ranged, shownHeads, toggled } from '../../../src/measure/headSets';
import type { Atlas, HeadPlace, KindInfo } from '../../../src/attention/types';
import { listOf } from '../../../src/text/listInSentence';
import type { HeadCosts } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { el, numberUnder, setAttribute, setText } from '../../dom';
import { layerName } from '../../format';
import { paintCanvas } from '../../render/paintCanvas';
import { exactNumber } from '../../../src/measure/numbers';
import { MEASURES } from '../../../src/measure/measure';
import { unitOf } from '../../state/shown/scoredBy';
import { costsOfText, isOff } from '../../state/shown/switchedOff';
import { activeRole, asMeasured, isRowless, kindInfo } from '../../state/appState';
import { placeName, sourceName } from '../../state/shown/names';
import { headSwitches } from '../ablation/switches';
import { section } from '../frame/section';
import { view } from '../view';
import { atlasScene } from './atlasScene';
import { rankedHeadsView } from './rankedHeads';
import { roleBar } from './roleBar';

const LARGEST_CELL = 72;
const SMALLEST_CELL = 16;
/** Cells shrink down to `MIDDLE_CELL` pixels, so that the heads of many layers take at most `MOST_HEIGHT` of the page's height. */
const MIDDLE_CELL = 22;
const MOST_HEIGHT = 0.4;
const GAP = 4;
const BAR = 5;
const GUTTER = 26;

function describe(atlas: Atlas | null, layer: number, head: number, info: KindInfo | undefined): string {
  // A measure that takes a layer's heads together is named after the layer.
  const place =
    atlas?.heads === 1 && info && info.heads > 1 ? layerName(layer, info) : placeName({ layer, head }, info);
  if (!atlas) return place;
  if (isRowless(atlas)) return say('webview.heads.noRow', { place });
  const at = layer * atlas.heads + head;
  return say('webview.heads.about', {
    place,
    sink: (atlas.sinkMass[at] ?? 0).toFixed(2),
    entropy: (atlas.entropy[at] ?? 0).toFixed(2),
  });
}

/** A head's description with what it is worth, where that is known. */
function withCost(about: string, worth: HeadCosts | null, at: number): string {
  const cost = worth?.costs[at];
  if (cost === undefined || Number.isNaN(cost)) return about;
  const size = exactNumber(Math.abs(cost), MEASURES.weight);
  return say(cost < 0 ? 'webview.off.gain' : 'webview.off.cost', { about, cost: size, unit: unitOf(worth?.label) });
}

export const atlasView = view((app, scope) => {
  const { state } = app;
  const readout = el('span', { class: 'section-note' });
  const { element, heading, body } = section(say('webview.heads.all'), readout);
  const canvas = el('canvas', { class: 'atlas-pixels', aria: { hidden: true } });
  const grid = el('div', { class: 'atlas-grid', role: 'presentation' });
  const columns = el('div', { class: 'atlas-columns', role: 'row' });
  const frame = el(
    'div',
    { class: 'atlas', role: 'grid', aria: { label: say('webview.heads.grid'), multiselectable: true } },
    columns,
    el('div', { class: 'atlas-stage', role: 'rowgroup' }, canvas, grid),
  );
  const scroller = el('div', { class: 'scroller' }, frame);
  const key = el('p', { class: 'hint atlas-key' }, say('webview.heads.key'));
  const gaps = el('p', { class: 'hint atlas-gaps', hidden: true });
  const several = el('p', { class: 'hint atlas-key' }, say('webview.heads.several'));
  scope.mount(roleBar, body);
  body.append(scroller, gaps);
  scope.mount(headSwitches, body);
  body.append(several, key);
  scope.mount(rankedHeadsView, body);
  // Arranged by a role, heads stand in a list of their own.
  scope.draw(() => {
    const isArranged = activeRole(state) !== null;
    scroller.hidden = isArranged;
    // Ranked heads have another bar under them, which their own sentence tells of.
    key.hidden = isArranged || costsOfText(state.snapshot, state.view.kind, state.costs) !== null;
  });
  // A measure that takes a layer's heads together has one picture a layer.
  scope.draw(() => {
    const isLayered = state.measure.shown.name === 'contribution';
    setText(heading, say(isLayered ? 'webview.heads.allLayers' : 'webview.heads.all'));
    setText(key, say(isLayered ? 'webview.heads.layersKey' : 'webview.heads.key'));
    columns.hidden = isLayered;
    several.hidden = isLayered || activeRole(state) !== null;
    frame.title = key.textContent;
  });

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
            {
              class: 'atlas-layer',
              role: 'rowheader',
              tabIndex: -1,
              title: say('webview.heads.pickLayer', { layer: layerNumber(info, layer) }),
              data: { layer },
            },
            String(layerNumber(info, layer)),
          ),
          ...Array.from({ length: heads }, (__, head) =>
            el('div', { class: 'atlas-cell', role: 'gridcell', tabIndex: -1, data: { cell: layer * heads + head } }),
          ),
        ),
      ),
    );
    columns.replaceChildren(
      ...Array.from({ length: heads }, (_, head) =>
        el(
          'span',
          {
            role: 'columnheader',
            tabIndex: -1,
            title: say('webview.heads.pickHead', { head: head + 1 }),
            data: { head },
          },
          String(head + 1),
        ),
      ),
    );
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
    const worth = costsOfText(state.snapshot, state.view.kind, state.costs);
    const scene = atlasScene(layers, heads, { cell, gap: GAP, bar: BAR }, state.atlas, state.palette, worth);
    paintCanvas(canvas, scene, window.devicePixelRatio);
  };

  /** False from when the heads were built until there was a frame to find out how large they can be. */
  let isFitted = false;
  const fit = scope.onFrame(() => {
    const before = cell;
    layout();
    if (isFitted && cell === before) return;
    isFitted = true;
    frame.style.visibility = '';
    draw();
  });

  scope.draw(() => {
    const kind = kindInfo(state.snapshot, state.view.kind);
    const next = kind && asMeasured(kind, state.measure.shown);
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
    // In a frame of its own, when what was built has been laid out: who asks for the room before that waits for all of the page.
    isFitted = false;
    frame.style.visibility = 'hidden';
    fit();
  });
  scope.draw(draw);
  scope.draw(() => {
    const { atlas, view: shown, snapshot } = state;
    const info = kindInfo(snapshot, shown.kind);
    const head = Math.min(shown.head, Math.max(0, heads - 1));
    const chosen = shown.layer * heads + head;
    // Those of the output that stands beside, and those of the very run that is on show.
    const off = [...shown.off, ...(snapshot?.intervention?.off ?? [])];
    const worth = costsOfText(snapshot, shown.kind, state.costs);
    const picked = new Set(
      shownHeads(shown.source, { ...shown, head }, { layers, heads }).map((at) => at.layer * heads + at.head),
    );
    cells().forEach((node, index) => {
      node.classList.toggle('chosen', index === chosen);
      node.classList.toggle('picked', picked.has(index) && picked.size > 1);
      setAttribute(node, 'aria-selected', String(picked.has(index)));
      node.tabIndex = index === chosen ? 0 : -1;
      const place = { layer: Math.floor(index / heads), head: index % heads };
      const isSwitchedOff = heads > 1 && isOff(off, { ...place, kind: shown.kind });
      node.classList.toggle('off', isSwitchedOff);
      const about = withCost(describe(atlas, place.layer, place.head, info), worth, index);
      const text = isSwitchedOff ? say('webview.off.isOff', { about }) : about;
      setAttribute(node, 'aria-label', text);
      node.title = text;
    });
    const isOne = shown.source.type === 'head';
    const own = withCost(describe(atlas, shown.layer, head, info), worth, chosen);
    const about = isOne ? own : sourceName(shown, info);
    setText(readout, layers === 0 ? '' : about);
  });
  scope.resize(scroller, fit);

  const pick = (index: number, focus: boolean): void => {
    app.pickHead(Math.floor(index / heads), index % heads);
    if (focus) cells()[index]?.focus();
  };
  const placeOf = (index: number): HeadPlace => ({ layer: Math.floor(index / heads), head: index % heads });
  /** Takes a head together with those that are picked: alone, or with all between it and the chosen one. */
  const add = (index: number, range: boolean): void =>
    app.pickHeads((before) => (range ? ranged(before, placeOf(index)) : toggled(before, placeOf(index))));
  const line = (event: Event, isAdded: boolean): boolean => {
    const layer = numberUnder(event, 'layer');
    const head = numberUnder(event, 'head');
    if (layer !== undefined) app.pickHeads((before, counts) => lined(before, { layer }, counts, isAdded));
    else if (head !== undefined) app.pickHeads((before, counts) => lined(before, { head }, counts, isAdded));
    return layer !== undefined || head !== undefined;
  };
  scope.listen(frame, 'click', (event) => {
    const index = numberUnder(event, 'cell');
    const isAdded = event.ctrlKey || event.metaKey;
    if (index === undefined) line(event, isAdded || event.shiftKey);
    else if (isAdded || event.shiftKey) {
      add(index, event.shiftKey);
      cells()[index]?.focus();
    } else pick(index, true);
  });
  /** Keys on a label: Enter or space takes its line, arrows go to the next label or back to the heads. */
  const onLabel = (event: KeyboardEvent): boolean => {
    const layer = numberUnder(event, 'layer');
    const head = numberUnder(event, 'head');
    if (layer === undefined && head === undefined) return false;
    const labels = [...frame.querySelectorAll<HTMLElement>(layer === undefined ? '[data-head]' : '[data-layer]')];
    const at = layer ?? head ?? 0;
    const [back, forth, inwards] =
      layer === undefined ? ['ArrowLeft', 'ArrowRight', 'ArrowDown'] : ['ArrowUp', 'ArrowDown', 'ArrowRight'];
    if (event.key === back) labels[at - 1]?.focus();
    else if (event.key === forth) labels[at + 1]?.focus();
    else if (event.key === inwards) cells()[layer === undefined ? at : at * heads]?.focus();
    else if (event.key === 'Enter' || event.key === ' ') line(event, event.ctrlKey || event.metaKey || event.shiftKey);
    else return false;
    event.preventDefault();
    return true;
  };
  scope.listen(frame, 'keydown', (event) => {
    if (onLabel(event)) return;
    const here = numberUnder(event, 'cell');
    if (here === undefined) return;
    let { layer, head } = placeOf(here);
    const isAdded = event.ctrlKey || event.metaKey;
    switch (event.key) {
      case 'Enter':
      case ' ':
        event.preventDefault();
        if (isAdded || event.shiftKey) add(here, event.shiftKey);
        else pick(here, true);
        return;
      case 'o':
        event.preventDefault();
        app.switchHeads();
        return;
      case 'a':
        if (!isAdded) return;
        event.preventDefault();
        app.pickHeads((before) => ranged({ ...before, chosen: placeOf(0) }, placeOf(layers * heads - 1)));
        return;
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
    if (head < 0) frame.querySelector<HTMLElement>(`[data-layer="${layer}"]`)?.focus();
    else if (layer < 0) frame.querySelector<HTMLElement>(`[data-head="${head}"]`)?.focus();
    else if (layer < layers && head < heads) {
      const to = layer * heads + head;
      // With Shift the heads on the way are picked too; with Ctrl the focus moves without picking.
      if (event.shiftKey) add(to, true);
      else if (!isAdded) pick(to, false);
      cells()[to]?.focus();
    }
  });
  return element;
});
