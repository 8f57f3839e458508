/** What an encoder-only model would put in the place of each masked token. */
import type { App } from '../app';
import { el } from '../dom';
import { percent, visibleSpace } from '../format';

/** Of the ten most probable, as many as stand in a line or two. */
const SHOWN = 5;

export function fills(app: App): HTMLElement {
  const element = el('div', { class: 'fills' });
  app.store.watch(
    ({ snapshot }) => [snapshot?.fills] as const,
    ([list]) => {
      element.hidden = list === undefined || list.length === 0;
      element.replaceChildren(
        ...(list ?? []).map(({ index, top }) =>
          el(
            'div',
            { class: 'fill' },
            el('button', { class: 'fill-place', title: 'Show this position', on: { click: () => app.lock({ sequence: 'source', index }, false) } }, `mask at ${index + 1}`),
            el(
              'ol',
              { aria: { label: `Most probable tokens at position ${index + 1}` } },
              ...top.slice(0, SHOWN).map(({ text, probability }) => el('li', {}, el('bdi', { class: 'fill-token' }, visibleSpace(text.trim() || text)), el('span', { class: 'number' }, percent(probability)))),
            ),
          ),
        ),
      );
    },
  );
  return element;
}
