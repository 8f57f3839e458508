/** The tokens that the looked-at token looks at, and those that look at it, in the chosen head: exact numbers. */
import type { KindInfo } from '../../src/attention/types';
import type { App } from '../app';
import { headIn } from '../colouring';
import { el, numberUnder } from '../dom';
import { exactWeight, headName, layerName, tokenLabel } from '../format';
import { kindFor, tokensOf, weightsIn, type AppState } from '../model';
import { rowOf, strongest } from '../weights';

const MOST = 8;

function entries(state: AppState, info: KindInfo, role: 'query' | 'key'): Node {
  const entry = weightsIn(state.weights, info.kind, role);
  const sequence = role === 'query' ? info.keys : info.queries;
  const tokens = tokensOf(state.snapshot, sequence);
  if (!entry) return el('p', { class: 'hint' }, '…');
  const row = rowOf(entry, ...headIn(info, state.view.layer, state.view.head));
  const hide = state.view.hideSpecial[info.kind];
  const top = strongest(row, tokens, hide, MOST);
  if (top.length === 0) return el('p', { class: 'hint' }, role === 'query' ? 'No weights: this token has not been read by the model.' : 'Nothing looks at it.');
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
          { class: 'ranked-token', data: { index, sequence }, title: `Token ${index + 1} of ${tokens.length}` },
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

export function tokenLists(app: App): HTMLElement {
  const { store } = app;
  const element = el('div', { class: 'lists' });
  store.watch(
    ({ focus, weights, view, snapshot }) => [focus, weights, view.layer, view.head, view.kind, view.hideSpecial, snapshot?.source, snapshot?.target] as const,
    ([focus], state) => {
      const info = focus ? kindFor(state.snapshot, state.view.kind, focus.sequence) : undefined;
      if (!focus || !info) {
        element.replaceChildren(el('p', { class: 'hint' }, 'Point at a token, or reach it with Tab and the arrow keys, to see it in every head. A click or Enter locks it, Escape frees it; Shift or Ctrl adds tokens.'));
        return;
      }
      const [layer, head] = headIn(info, state.view.layer, state.view.head);
      const place = `${layerName(layer)}, ${headName(head).toLowerCase()}`;
      const roles = (['query', 'key'] as const).filter((role) => (role === 'query' ? info.queries : info.keys) === focus.sequence);
      element.replaceChildren(
        ...roles.map((role) =>
          el('div', { class: 'list' }, el('h3', {}, role === 'query' ? 'Looks at' : 'Is looked at by', el('span', { class: 'list-place' }, place)), entries(state, info, role)),
        ),
      );
    },
  );
  element.addEventListener('click', (event) => {
    const index = numberUnder(event, 'index');
    const node = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-sequence]') : null;
    const sequence = node?.dataset['sequence'];
    if (index !== undefined && (sequence === 'source' || sequence === 'target')) app.lock({ sequence, index }, event.shiftKey || event.ctrlKey || event.metaKey);
  });
  return element;
}
