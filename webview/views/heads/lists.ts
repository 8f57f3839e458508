/** The tokens that the looked-at token looks at, and those that look at it, in the chosen map: exact numbers. */
import type { KindInfo, SequenceName } from '../../../src/attention/types';
import { meanReceived } from '../../../src/measure/meanReceived';
import { measureOf, reachOf, type Measure } from '../../../src/measure/measure';
import { exactNumber, fullNumber, LEAST_SHOWN } from '../../../src/measure/numbers';
import { kindFor, shownRow } from '../../../src/measure/reading';
import { headWithin, measuredRow } from '../../../src/measure/rows';
import { say } from '../../../src/text/say';
import { axisIn } from '../../axes/axis';
import { el, icon, numberUnder } from '../../dom';
import { cutPlaces, isSameLink, linksOf } from '../../state/shown/cutLinks';
import { isWaiting, kindInfo, kindsOf, measureIn, shownAxis, weightsIn, type AppState } from '../../state/appState';
import { mapName } from '../../state/shown/names';
import { limitsIn, strongest, type Strongest } from '../../state/shown/shownWeights';
import { view } from '../view';

const MOST = 8;

/** A row of numbers over one sequence, and what to say where none can be named. */
interface Row {
  readonly measure: Measure;
  readonly sequence: SequenceName;
  readonly values: Float32Array;
  /** The numbers before they were cut and renormalised, where they are one token's or word's. */
  readonly whole?: Float32Array;
  readonly none: string;
  /** The focused tokens' part in the links of the row; left out where it is of no token alone. */
  readonly role?: 'query' | 'key';
}

/** A link's two sides. */
function sidesOf(
  role: 'query' | 'key',
  focused: readonly number[],
  others: readonly number[],
): { readonly queries: readonly number[]; readonly keys: readonly number[] } {
  return role === 'query' ? { queries: focused, keys: others } : { queries: others, keys: focused };
}

/** Cuts the link between the focused token and another, or joins it again. */
function cutButton(
  tokens: readonly number[],
  label: string | undefined,
  role: 'query' | 'key',
  info: KindInfo,
  state: AppState,
): HTMLElement {
  const { kind } = info;
  const sides = sidesOf(role, state.focus?.indices ?? [], tokens);
  const links = cutPlaces(state.view, info, false).map((place) => ({ kind, ...place, ...sides }));
  const cut = linksOf(state.view, state.snapshot);
  const isCut = links.length > 0 && links.every((link) => cut.some((one) => isSameLink(one, link)));
  return el(
    'button',
    {
      class: 'cut-link',
      data: { role, from: tokens[0] ?? 0, kind },
      title: say(isCut ? 'webview.links.joinTitle' : 'webview.links.cutTitle'),
      aria: { label: say('webview.links.cut', { token: label ?? '' }), pressed: isCut },
    },
    icon('debug-disconnect'),
  );
}

/** A bar as long as the number is far from zero; below zero it has another colour. */
function barOf(value: number, measure: Measure): HTMLElement {
  const bar = el('span', { class: value < 0 ? 'bar below' : 'bar' });
  bar.style.width = `${Math.min(100, (Math.abs(value) / reachOf(measure)) * 100)}%`;
  return el('span', { class: 'bar-track', aria: { hidden: true } }, bar);
}

function entry(
  { index, value }: Strongest,
  { measure, sequence, role }: Row,
  info: KindInfo,
  state: AppState,
): HTMLElement {
  const { items } = axisIn(state, sequence);
  const title = say(shownAxis(state) === 'words' ? 'webview.lists.wordTitle' : 'webview.lists.tokenTitle', {
    index: index + 1,
    all: items.length,
    noun: say(measure.noun),
    number: fullNumber(value, measure),
  });
  return el(
    'li',
    {},
    el(
      'button',
      { class: 'ranked-token', data: { index: items[index]?.unit.from ?? 0, sequence }, title },
      el('bdi', { class: 'ranked-label' }, items[index]?.label),
      barOf(value, measure),
      el('span', { class: 'number' }, exactNumber(value, measure)),
    ),
    role && cutButton(items[index]?.tokens ?? [], items[index]?.label, role, info, state),
  );
}

/** A row's strongest items, with what the hidden special ones have of it. */
function ranking(state: AppState, info: KindInfo, row: Row): Node {
  const { measure, sequence, values, none } = row;
  const { items } = axisIn(state, sequence);
  const hide = state.view.hideSpecial[info.kind];
  // Numbers below the last decimal would be a list of zeros; the largest is always named.
  const top = strongest(values, items, hide, MOST).filter(
    ({ value }, rank) => rank === 0 || Math.abs(value) >= LEAST_SHOWN,
  );
  if (top.length === 0) return el('p', { class: 'hint' }, none);
  const list = el('ol', { class: 'ranked' }, ...top.map((one) => entry(one, row, info, state)));
  if (!measure.shares) return list;
  let hidden = 0;
  let cut = 0;
  (row.whole ?? values).forEach((value, index) => {
    if (hide && items[index]?.special === true) hidden += value;
    else if (values[index] === 0) cut += value;
  });
  const both = document.createDocumentFragment();
  both.append(list);
  if (hidden > 0)
    both.append(el('p', { class: 'hint' }, say('webview.lists.hidden', { number: exactNumber(hidden, measure) })));
  if (cut > 0) both.append(el('p', { class: 'hint' }, say('webview.lists.cut', { number: exactNumber(cut, measure) })));
  return both;
}

function list(title: string, place: string, ...content: readonly Node[]): HTMLElement {
  return el('div', { class: 'list' }, el('h3', {}, title, el('span', { class: 'list-place' }, place)), ...content);
}

/** Where no token is looked at: what the chosen map says on the whole, and how to look closer. */
function unfocused(state: AppState): HTMLElement {
  const info = kindInfo(state.snapshot, state.view.kind);
  const { map } = state;
  const hint = el('p', { class: 'hint' }, say('webview.lists.hint'));
  if (!info || !map) return hint;
  const measure = measureOf(map);
  const { items } = axisIn(state, info.queries);
  const values = meanReceived(map, info, items, state.view.hideSpecial[info.kind]);
  const title = measure.signed ? say('webview.lists.differsMost') : say('webview.lists.receivesMost');
  const row = { measure, sequence: info.keys, values, none: say('webview.lists.nothing') };
  return list(title, mapName(map, info), ranking(state, info, row), hint);
}

/** The focused tokens' row in one role, exact. */
function focused(state: AppState, info: KindInfo, role: 'query' | 'key'): Node {
  const weights = weightsIn(state, info.kind, role);
  // A source token was read; in cross-attention nothing looks at it before the first token is written.
  const unread = role === 'key' && info.kind === 'cross' ? 'webview.lists.unwritten' : 'webview.lists.unread';
  if (!weights) return el('p', { class: 'hint' }, say(unread));
  const measure = measureIn(state, weights);
  const { source } = state.view;
  const { items: others } = axisIn(state, role === 'query' ? info.keys : info.queries);
  const whole = measuredRow(weights, { measure: measure.name, source, ...headWithin(info, state.view) });
  const row = ranking(state, info, {
    measure,
    sequence: role === 'query' ? info.keys : info.queries,
    values: shownRow(weights, info, others, state.view, limitsIn(state, info)),
    whole,
    role,
    none: role === 'query' ? say('webview.lists.onlyHidden') : say('webview.lists.nobody'),
  });
  // In cross-attention a contribution that no source token has is the output's own, so far as it was written.
  if (measure.name !== 'contribution' || role !== 'query' || info.queries === info.keys) return row;
  const own = Math.max(0, 1 - whole.reduce((sum, value) => sum + value, 0));
  const both = document.createDocumentFragment();
  both.append(row, el('p', { class: 'hint' }, say('webview.lists.ownStream', { number: exactNumber(own, measure) })));
  return both;
}

export const tokenLists = view((app, scope) => {
  const { state } = app;
  const element = el('div', { class: 'lists' });
  scope.draw(() => {
    const { focus } = state;
    const info = focus ? kindFor(kindsOf(state.snapshot), state.view.kind, focus.sequence) : undefined;
    if (!focus || !info) {
      element.classList.remove('waiting');
      element.replaceChildren(unfocused(state));
      return;
    }
    // The rows before stay a moment rather than flicker; `waiting` takes them out of sight if it lasts.
    element.classList.toggle('waiting', isWaiting(state));
    if (isWaiting(state)) return;
    const shown = measureIn(state, weightsIn(state, info.kind, 'query') ?? weightsIn(state, info.kind, 'key'));
    const place = mapName({ ...state.view, measure: shown.name, ...headWithin(info, state.view) }, info);
    const roles = (['query', 'key'] as const).filter(
      (role) => (role === 'query' ? info.queries : info.keys) === focus.sequence,
    );
    element.replaceChildren(
      ...roles.map((role) => {
        const title = role === 'query' ? say('webview.lists.looksAt') : say('webview.lists.isLookedAtBy');
        return list(title, place, focused(state, info, role));
      }),
    );
  });
  const cut = (event: MouseEvent, { dataset }: HTMLElement): void => {
    const info = kindsOf(state.snapshot).find(({ kind }) => kind === dataset['kind']);
    const { role } = dataset;
    if (!info || !state.focus || (role !== 'query' && role !== 'key')) return;
    const { items } = axisIn(state, role === 'query' ? info.keys : info.queries);
    const others = items.find(({ tokens }) => tokens[0] === Number(dataset['from']))?.tokens ?? [];
    const { queries, keys } = sidesOf(role, state.focus.indices, others);
    app.cutLinks(info.kind, queries, keys, event.shiftKey);
  };
  scope.listen(element, 'click', (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('.cut-link') : null;
    if (button) {
      cut(event, button);
      return;
    }
    const index = numberUnder(event, 'index');
    const node = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-sequence]') : null;
    const sequence = node?.dataset['sequence'];
    if (index !== undefined && (sequence === 'source' || sequence === 'target'))
      app.lock({ sequence, index }, event.shiftKey || event.ctrlKey || event.metaKey);
  });
  return element;
});
