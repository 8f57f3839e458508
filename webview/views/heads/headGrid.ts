/** Every head's number for the looked-at token: a layer × head table, coloured by the measure's scale. */
import { layerNumber } from '../../../src/attention/layers';
import type { KindInfo } from '../../../src/attention/types';
import { MEASURES, type Measure } from '../../../src/measure/measure';
import { exactNumber, shortNumber } from '../../../src/measure/numbers';
import { shownHeads } from '../../../src/measure/headSets';
import type { TokenRole } from '../../../src/measure/reading';
import { headWithin, measuredHeads } from '../../../src/measure/rows';
import type { HeadCosts } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { axisIn, itemAt } from '../../axes/axis';
import { el, numberUnder, setAttribute, setText } from '../../dom';
import { headName, layerName } from '../../format';
import {
  asMeasured,
  focusRole,
  isRowless,
  isWaiting,
  kindInfo,
  measureIn,
  weightsIn,
  type AppState,
} from '../../state/appState';
import { namesOf } from '../../state/shown/colouring';
import { changingLabel, unitOf } from '../../state/shown/scoredBy';
import { costsOfText, mostCost } from '../../state/shown/switchedOff';
import { kindName, placeName } from '../../state/shown/names';
import { headMaxima, headNumbersAt } from '../../state/shown/shownWeights';
import { colourOf } from '../../theme';
import { view } from '../view';

/** Least width of a cell with a token under its number, in CSS pixels. */
const ROOMY_CELL = 40;

interface Numbers {
  readonly info: KindInfo;
  readonly measure: Measure;
  /** [layer][head]; null while they are on their way. */
  readonly values: Float32Array | null;
  readonly caption: string;
  readonly describe: (place: string, value: number, cell: number) => string;
  /** The token that a head's number is about, where it has one of its own. */
  readonly token: (cell: number) => string;
}

/** The focused tokens' weights in every head, [layer][head][length], by the chosen measure. */
function focusedHeads(state: AppState, { info, role }: TokenRole): Float32Array | undefined {
  const weights = weightsIn(state, info.kind, role);
  return weights && measuredHeads(weights, measureIn(state, weights).name);
}

/** Every head's number between the locked tokens and the one that they are compared with. */
function compared(state: AppState, role: TokenRole, who: string, token: number): Numbers {
  const weights = weightsIn(state, role.info.kind, role.role);
  const measure = measureIn(state, weights);
  const info = asMeasured(role.info, measure);
  const heads = focusedHeads(state, role);
  const axis = axisIn(state, role.others);
  const second = itemAt(axis, token);
  const other = say('webview.token.quoted', { token: axis.items[second]?.label ?? '–' });
  const [from, to] = role.role === 'query' ? [who, other] : [other, who];
  return {
    info,
    measure,
    values: weights && heads ? headNumbersAt(heads, info.layers * info.heads, weights.length, second) : null,
    caption: say('webview.heads.between', { kind: kindName(info.kind), noun: say(measure.noun), from, to }),
    describe: (place, value) =>
      say('webview.heads.betweenAt', { place, number: exactNumber(value, measure), from, to }),
    token: () => '',
  };
}

/** Every head's largest number for the focused tokens, and the token that it is about. */
function largestOf(state: AppState, role: TokenRole): Numbers {
  const isQuery = role.role === 'query';
  const weights = weightsIn(state, role.info.kind, role.role);
  const measure = measureIn(state, weights);
  const info = asMeasured(role.info, measure);
  const { items } = axisIn(state, role.others);
  const heads = focusedHeads(state, role);
  const maxima = weights && heads && headMaxima(weights, heads, items, state.view.hideSpecial[info.kind]);
  const about = (cell: number): string | undefined => items[maxima?.index[cell] ?? -1]?.label;
  const words = { kind: kindName(info.kind), noun: say(measure.noun) };
  return {
    info,
    measure,
    values: maxima?.value ?? null,
    caption: isQuery ? say('webview.heads.largestGiven', words) : say('webview.heads.largestReceived', words),
    describe: (place, value, cell) => {
      const token = about(cell);
      const number = exactNumber(value, measure);
      if (token === undefined)
        return isQuery
          ? say('webview.heads.toNothing', { place, number })
          : say('webview.heads.fromNothing', { place, number });
      return isQuery
        ? say('webview.heads.to', { place, number, token })
        : say('webview.heads.from', { place, number, token });
    },
    token: (cell) => about(cell) ?? '',
  };
}

/** Where no token is looked at and heads were ranked: what switching each head off costs, on a scale that ends at the largest cost. */
function headWorth(worth: HeadCosts, info: KindInfo): Numbers {
  const { label } = worth;
  const unit = unitOf(label);
  const measure = { ...MEASURES.difference, range: [-mostCost(worth), mostCost(worth)] as const };
  return {
    info,
    measure,
    values: worth.costs.map((cost) => (Number.isNaN(cost) ? 0 : -cost)),
    caption: label
      ? say('webview.off.costsLabel', { kind: kindName(info.kind), what: changingLabel(label), unit })
      : say('webview.off.costs', { kind: kindName(info.kind) }),
    describe: (place, value) => say('webview.off.costOf', { place, number: exactNumber(value, measure), unit }),
    token: () => '',
  };
}

/** Where no token is looked at: each head's sink mass. */
function sinkMasses({ atlas, measure: { shown } }: AppState, kind: KindInfo): Numbers {
  const info = asMeasured(kind, shown);
  const measure = MEASURES.weight;
  return {
    info,
    measure,
    values: atlas?.sinkMass ?? null,
    caption:
      shown.name === 'weight' || shown.name === 'difference'
        ? say('webview.heads.sinks', { kind: kindName(info.kind) })
        : say('webview.heads.sinksOf', { kind: kindName(info.kind), noun: say(shown.noun) }),
    describe: (place, value) => say('webview.heads.sinkAt', { place, number: exactNumber(value, measure) }),
    token: () => '',
  };
}

function numbers(state: AppState): Numbers | undefined {
  const { snapshot, view: shown, focus, second } = state;
  const role = focusRole(state);
  if (focus && role) {
    // Before the first token is written nothing looks at a source token in cross-attention: there is no number to show.
    if (role.info.kind === state.view.kind && isRowless(state.atlas)) return undefined;
    if (second?.sequence !== role.others) return largestOf(state, role);
    return compared(state, role, namesOf(axisIn(state, focus.sequence), focus.indices), second.index);
  }
  const info = kindInfo(snapshot, shown.kind);
  const worth = info && costsOfText(state.snapshot, info.kind, state.costs);
  if (worth && state.measure.shown.name !== 'contribution') return headWorth(worth, info);
  return info && !isRowless(state.atlas) ? sinkMasses(state, info) : undefined;
}

/** A head's name, with its key/value group where heads share keys and values. */
function columnName(head: number, width: number, kvHeads: number): string {
  if (kvHeads >= width) return headName(head);
  return say('webview.heads.grouped', { head: headName(head), group: Math.floor((head * kvHeads) / width) + 1 });
}

export const headGrid = view((app, scope) => {
  const { state } = app;
  const caption = el('p', { class: 'grid-caption' });
  const table = el('div', { class: 'numbers', role: 'grid', aria: { label: say('webview.heads.numbers') } });
  const element = el('div', { class: 'head-grid' }, caption, el('div', { class: 'scroller' }, table));
  let shape = '';
  let cells: HTMLElement[] = [];
  let parts: { readonly number: HTMLElement; readonly token: HTMLElement }[] = [];
  let heads = 0;
  let at = 0;

  const build = (info: KindInfo): void => {
    const { layers, heads: width, kvHeads } = info;
    const group = width / Math.max(1, kvHeads);
    const corner = el('span', { class: 'corner', role: 'columnheader', aria: { label: say('webview.heads.layer') } });
    const header = el(
      'div',
      { class: 'numbers-row', role: 'row' },
      corner,
      ...Array.from({ length: width }, (_, head) => {
        const title = columnName(head, width, kvHeads);
        return el(
          'span',
          { class: 'numbers-head', role: 'columnheader', title, aria: { label: title } },
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
        const words = { group: index + 1 };
        const label = el(
          'span',
          { class: 'numbers-group' },
          group >= 3 ? say('webview.heads.group', words) : say('webview.heads.groupShort', words),
        );
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

  const empty = (): void => {
    cells.forEach((cell, index) => {
      const part = parts[index];
      if (part) for (const text of [part.number, part.token]) setText(text, '');
      cell.style.backgroundColor = '';
      cell.style.color = '';
      cell.title = '';
    });
  };

  scope.draw(() => {
    const found = numbers(state);
    element.hidden = !found;
    if (!found) return;
    const { info, measure, values } = found;
    const next = `${info.layers}×${info.heads}/${info.kvHeads}/${info.places?.join() ?? ''}`;
    if (next !== shape) {
      shape = next;
      heads = info.heads;
      build(info);
    }
    setText(caption, found.caption);
    table.classList.toggle('waiting', values === null);
    if (!values) {
      // The numbers of the token before stay, paler, until those of this one have come; where it has none they go.
      if (state.focus !== null && !isWaiting(state)) empty();
      return;
    }
    const { palette, view: shown } = state;
    const picked = new Set(
      shownHeads(shown.source, headWithin(info, shown), info).map((place) => place.layer * heads + place.head),
    );
    cells.forEach((cell, index) => {
      const value = values[index] ?? 0;
      const part = parts[index];
      if (part) {
        setText(part.number, shortNumber(value, measure));
        setText(part.token, found.token(index));
      }
      const { fill, text } = colourOf(palette, measure, value);
      cell.style.backgroundColor = fill;
      cell.style.color = text;
      const layer = Math.floor(index / heads);
      const head = index % heads;
      // The name is what is seen (WCAG 2.5.3), the headers say which head it is, the title all of it.
      cell.title = found.describe(placeName({ layer, head }, info), value, index);
      const chosen = picked.has(index);
      cell.classList.toggle('chosen', chosen);
      setAttribute(cell, 'aria-selected', String(chosen));
    });
  });

  // Which token a number is about stands under it where there is room for a word.
  scope.resize(table, () => table.classList.toggle('roomy', table.clientWidth / Math.max(1, heads) >= ROOMY_CELL));

  const go = (index: number): void => {
    const next = cells[index];
    if (!next) return;
    const left = cells[at];
    if (left) left.tabIndex = -1;
    at = index;
    next.tabIndex = 0;
    next.focus();
  };
  scope.listen(table, 'click', (event) => {
    const index = numberUnder(event, 'cell');
    if (index !== undefined) app.pickHead(Math.floor(index / heads), index % heads);
  });
  scope.listen(table, 'keydown', (event) => {
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
});
