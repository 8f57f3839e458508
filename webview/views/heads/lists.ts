/** The tokens that the looked-at token looks at, and those that look at it, in the chosen head: exact numbers. */
import type { KindInfo, SequenceName } from '../../../src/attention/types';
import type { App } from '../../state/app';
import { headIn } from '../../state/colouring';
import { el, numberUnder } from '../../dom';
import { exactWeight, headName, layerName, LEAST_SHOWN, tokenLabel } from '../../format';
import { isWaiting, kindFor, kindInfo, tokensOf, weightsIn, type AppState } from '../../state/appState';
import { meanReceived, rowOf, strongest } from '../../state/shownWeights';

const MOST = 8;

function entries(state: AppState, info: KindInfo, role: 'query' | 'key'): Node {
  const entry = weightsIn(state, info.kind, role);
  if (!entry) return el('p', { class: 'hint' }, 'No weights: this token has not been read by the model.');
  const row = rowOf(entry, ...headIn(info, state.view.layer, state.view.head));
  return ranking(
    state,
    info,
    role === 'query' ? info.keys : info.queries,
    row,
    role === 'query' ? 'It looks at hidden tokens only.' : 'Nothing looks at it.',
  );
}

/** A row's strongest tokens, with what the hidden special tokens have of it. */
function ranking(state: AppState, info: KindInfo, sequence: SequenceName, row: Float32Array, none: string): Node {
  const tokens = tokensOf(state.snapshot, sequence);
  const hide = state.view.hideSpecial[info.kind];
  // Weights below the last decimal would be a list of zeros; the largest is always named.
  const top = strongest(row, tokens, hide, MOST).filter(({ weight }, rank) => rank === 0 || weight >= LEAST_SHOWN);
  if (top.length === 0) return el('p', { class: 'hint' }, none);
  let hidden = 0;
  if (hide) row.forEach((weight, index) => (hidden += tokens[index]?.special === true ? weight : 0));
  const list = el(
    'ol',
    { class: 'ranked' },
    ...top.map(({ index, weight }) => {
      const bar = el('span', { class: 'bar' });
      bar.style.width = `${Math.min(100, weight * 100)}%`;
      return el(
        'li',
        {},
        el(
          'button',
          {
            class: 'ranked-token',
            data: { index, sequence },
            title: `Token ${index + 1} of ${tokens.length}, weight ${weight.toPrecision(6)}`,
          },
          el('bdi', { class: 'ranked-label' }, tokenLabel(tokens[index])),
          el('span', { class: 'bar-track', aria: { hidden: true } }, bar),
          el('span', { class: 'number' }, exactWeight(weight)),
        ),
      );
    }),
  );
  if (hidden <= 0) return list;
  const rest = document.createDocumentFragment();
  rest.append(list, el('p', { class: 'hint' }, `Hidden special tokens: ${exactWeight(hidden)}`));
  return rest;
}

/** Without a token: what the chosen head looks at on the whole, and how to look closer. */
function unfocused(state: AppState): HTMLElement {
  const info = kindInfo(state.snapshot, state.view.kind);
  const { head } = state;
  const hint = el(
    'p',
    { class: 'hint' },
    'Point at a token, or reach it with Tab and the arrow keys, to see it in every head. A click or Enter locks it, Escape frees it; Shift or Ctrl adds tokens.',
  );
  if (!info || head?.kind !== info.kind) return hint;
  const mean = meanReceived(head, info, tokensOf(state.snapshot, info.queries), state.view.hideSpecial[info.kind]);
  return el(
    'div',
    { class: 'list' },
    el('h3', {}, 'Receives most on average', el('span', { class: 'list-place' }, placeOf(info, head.layer, head.head))),
    ranking(state, info, info.keys, mean, 'Nothing is looked at.'),
    hint,
  );
}

const placeOf = (info: KindInfo, layer: number, head: number): string =>
  `${layerName(layer, info)}, ${headName(head).toLowerCase()}`;

export function tokenLists(app: App): HTMLElement {
  const { store } = app;
  const element = el('div', { class: 'lists' });
  store.watch(
    ({ focus, weights, view, snapshot, head }) =>
      [
        focus,
        weights,
        focus ? null : head,
        view.layer,
        view.head,
        view.kind,
        view.hideSpecial,
        snapshot?.source,
        snapshot?.target,
      ] as const,
    ([focus], state) => {
      const info = focus ? kindFor(state.snapshot, state.view.kind, focus.sequence) : undefined;
      if (!focus || !info) {
        element.classList.remove('waiting');
        element.replaceChildren(unfocused(state));
        return;
      }
      const [layer, head] = headIn(info, state.view.layer, state.view.head);
      const place = placeOf(info, layer, head);
      // The rows before stay a moment rather than flicker; `waiting` takes them out of sight if it lasts.
      element.classList.toggle('waiting', isWaiting(state));
      if (isWaiting(state)) return;
      const roles = (['query', 'key'] as const).filter(
        (role) => (role === 'query' ? info.queries : info.keys) === focus.sequence,
      );
      element.replaceChildren(
        ...roles.map((role) =>
          el(
            'div',
            { class: 'list' },
            el('h3', {}, role === 'query' ? 'Looks at' : 'Is looked at by', el('span', { class: 'list-place' }, place)),
            entries(state, info, role),
          ),
        ),
      );
    },
  );
  element.addEventListener('click', (event) => {
    const index = numberUnder(event, 'index');
    const node = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-sequence]') : null;
    const sequence = node?.dataset['sequence'];
    if (index !== undefined && (sequence === 'source' || sequence === 'target'))
      app.lock({ sequence, index }, event.shiftKey || event.ctrlKey || event.metaKey);
  });
  return element;
}
