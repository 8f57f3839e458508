/** Every head's number for the looked-at token: a layer × head table, coloured by the same scale. */
import { layerNumber } from '../../../src/attention/layers';
import type { KindInfo } from '../../../src/attention/types';
import type { App } from '../../state/app';
import { focusRole, namesOf } from '../../state/colouring';
import { el, numberUnder, setAttribute, setText } from '../../dom';
import { exactWeight, headName, layerName, shortWeight, tokenLabel } from '../../format';
import { KIND_NAMES, kindInfo, tokensOf, weightsIn, type AppState } from '../../state/appState';
import { rampIndex } from '../../render/ramp';
import { headMaxima, headWeightsAt } from '../../state/shownWeights';

/** Least width of a cell with a token under its number, in CSS pixels. */
const ROOMY_CELL = 40;

interface Numbers {
  readonly info: KindInfo;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** [layer][head]; null while they are on their way. */
  readonly values: Float32Array | null;
  readonly caption: string;
  readonly describe: (layer: number, head: number, value: number) => string;
  /** The token that a head's number is about, where it has one of its own. */
  readonly token: (cell: number) => string;
}

function numbers(state: AppState): Numbers | undefined {
  const { snapshot, view, focus, second, atlas } = state;
  const role = focusRole(state);
  if (focus && role) {
    const { info } = role;
    const { layers, heads, kvHeads } = info;
    const others = tokensOf(snapshot, role.role === 'query' ? info.keys : info.queries);
    const who = namesOf(tokensOf(snapshot, focus.sequence), focus.indices);
    const kind = KIND_NAMES[info.kind];
    const entry = weightsIn(state, info.kind, role.role);
    const compared =
      second && second.sequence === (role.role === 'query' ? info.keys : info.queries) ? second.index : undefined;
    if (compared !== undefined) {
      const other = `“${tokenLabel(others[compared])}”`;
      const [from, to] = role.role === 'query' ? [who, other] : [other, who];
      return {
        info,
        layers,
        heads,
        kvHeads,
        values: entry ? headWeightsAt(entry, compared) : null,
        caption: `${kind}: weight from ${from} to ${to}`,
        describe: (layer, head, value) =>
          `${layerName(layer, info)}, ${headName(head).toLowerCase()}: ${exactWeight(value)} from ${from} to ${to}`,
        token: () => '',
      };
    }
    const maxima = entry ? headMaxima(entry, others, view.hideSpecial[info.kind]) : undefined;
    return {
      info,
      layers,
      heads,
      kvHeads,
      values: maxima?.weight ?? null,
      caption:
        role.role === 'query'
          ? `${kind}: largest weight given to one token`
          : `${kind}: largest weight received from one token`,
      describe: (layer, head, value) => {
        const target = maxima?.index[layer * heads + head] ?? -1;
        const other = target < 0 ? 'nothing' : `“${tokenLabel(others[target])}”`;
        return `${layerName(layer, info)}, ${headName(head).toLowerCase()}: ${exactWeight(value)} ${role.role === 'query' ? 'to' : 'from'} ${other}`;
      },
      token: (cell) => {
        const target = maxima?.index[cell] ?? -1;
        return target < 0 ? '' : tokenLabel(others[target]);
      },
    };
  }
  const info = kindInfo(snapshot, view.kind);
  if (!info) return undefined;
  return {
    info,
    layers: info.layers,
    heads: info.heads,
    kvHeads: info.kvHeads,
    values: atlas?.kind === info.kind ? atlas.sinkMass : null,
    caption: `${KIND_NAMES[info.kind]}: sink mass of each head`,
    describe: (layer, head, value) =>
      `${layerName(layer, info)}, ${headName(head).toLowerCase()}: sink mass ${exactWeight(value)}`,
    token: () => '',
  };
}

export function headGrid(app: App): HTMLElement {
  const { store } = app;
  const caption = el('p', { class: 'grid-caption' });
  const table = el('div', { class: 'numbers', role: 'grid', aria: { label: 'Weight in every layer and head' } });
  const element = el('div', { class: 'head-grid' }, caption, el('div', { class: 'scroller' }, table));
  let shape = '';
  let cells: HTMLElement[] = [];
  let parts: { readonly number: HTMLElement; readonly token: HTMLElement }[] = [];
  let heads = 0;
  let at = 0;

  const build = ({ layers, heads: width, kvHeads, info }: Numbers): void => {
    const group = width / Math.max(1, kvHeads);
    const corner = el('span', { class: 'corner', role: 'columnheader', aria: { label: 'Layer' } });
    const header = el(
      'div',
      { class: 'numbers-row', role: 'row' },
      corner,
      ...Array.from({ length: width }, (_, head) => {
        const grouped = kvHeads < width ? `, key/value group ${Math.floor(head / group) + 1}` : '';
        return el(
          'span',
          {
            class: 'numbers-head',
            role: 'columnheader',
            title: `${headName(head)}${grouped}`,
            aria: { label: `${headName(head)}${grouped}` },
          },
          String(head + 1),
        );
      }),
    );
    cells = [];
    parts = [];
    const rows = Array.from({ length: layers }, (_, layer) => {
      const row = el(
        'div',
        { class: 'numbers-row', role: 'row' },
        el(
          'span',
          {
            class: 'numbers-layer',
            role: 'rowheader',
            title: layerName(layer, info),
            aria: { label: layerName(layer, info) },
          },
          String(layerNumber(info, layer)),
        ),
      );
      for (let head = 0; head < width; head++) {
        const number = el('span', { class: 'cell-number' });
        const token = el('bdi', { class: 'cell-token' });
        const cell = el(
          'span',
          { class: 'number-cell', role: 'gridcell', tabIndex: -1, data: { cell: layer * width + head } },
          number,
          ' ',
          token,
        );
        cells.push(cell);
        parts.push({ number, token });
        row.append(cell);
      }
      return row;
    });
    const groups = el(
      'div',
      { class: 'numbers-row', aria: { hidden: true } },
      el('span'),
      ...Array.from({ length: kvHeads }, (_, index) => {
        const label = el('span', { class: 'numbers-group' }, group >= 3 ? `group ${index + 1}` : `g${index + 1}`);
        label.style.gridColumn = `span ${group}`;
        return label;
      }),
    );
    table.replaceChildren(...(kvHeads < width ? [groups] : []), header, ...rows);
    table.style.setProperty('--heads', String(width));
    at = Math.min(at, cells.length - 1);
    const first = cells[Math.max(0, at)];
    if (first) first.tabIndex = 0;
  };

  store.watch(
    ({ snapshot, view, focus, second, weights, atlas, direction, palette }) =>
      [
        snapshot?.source,
        snapshot?.target,
        snapshot?.model,
        view,
        focus,
        second,
        weights,
        atlas,
        direction,
        palette,
      ] as const,
    (_selected, state) => {
      const found = numbers(state);
      element.hidden = !found;
      if (!found) return;
      const next = `${found.layers}×${found.heads}/${found.kvHeads}/${found.info.places?.join() ?? ''}`;
      if (next !== shape) {
        shape = next;
        heads = found.heads;
        build(found);
      }
      setText(caption, found.caption);
      const { values } = found;
      const { ramp } = state.palette;
      table.classList.toggle('waiting', values === null);
      if (!values) return;
      cells.forEach((cell, index) => {
        const value = values[index] ?? 0;
        const step = rampIndex(value);
        const part = parts[index];
        const token = found.token(index);
        if (part) {
          setText(part.number, shortWeight(value));
          setText(part.token, token);
        }
        cell.style.backgroundColor = step > 0 ? (ramp.fill[step] ?? '') : '';
        cell.style.color = step > 0 ? (ramp.text[step] ?? '') : '';
        const layer = Math.floor(index / heads);
        const text = found.describe(layer, index % heads, value);
        // The name is what is seen (WCAG 2.5.3), the headers say which head it is, the title all of it.
        cell.title = text;
        const chosen = layer === state.view.layer && index % heads === state.view.head;
        cell.classList.toggle('chosen', chosen);
        setAttribute(cell, 'aria-selected', String(chosen));
      });
    },
  );

  // Which token a number is about stands under it where there is room for a word.
  new ResizeObserver(() =>
    table.classList.toggle('roomy', table.clientWidth / Math.max(1, heads) >= ROOMY_CELL),
  ).observe(table);

  const go = (index: number): void => {
    const next = cells[index];
    if (!next) return;
    const left = cells[at];
    if (left) left.tabIndex = -1;
    at = index;
    next.tabIndex = 0;
    next.focus();
  };
  table.addEventListener('click', (event) => {
    const index = numberUnder(event, 'cell');
    if (index !== undefined) app.pickHead(Math.floor(index / heads), index % heads);
  });
  table.addEventListener('keydown', (event) => {
    const head = at % heads;
    switch (event.key) {
      case 'ArrowRight':
        if (head < heads - 1) go(at + 1);
        break;
      case 'ArrowLeft':
        if (head > 0) go(at - 1);
        break;
      case 'ArrowDown':
        go(at + heads);
        break;
      case 'ArrowUp':
        go(at - heads);
        break;
      case 'Enter':
      case ' ':
        app.pickHead(Math.floor(at / heads), head);
        break;
      default:
        return;
    }
    event.preventDefault();
  });
  return element;
}
