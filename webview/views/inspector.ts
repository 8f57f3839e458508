/** The looked-at token in every head, and its neighbours in the chosen one. */
import type { App } from '../app';
import { namesOf, tokenPhrase } from '../colouring';
import { button } from '../controls/button';
import { el, icon, setText } from '../dom';
import { tokensOf } from '../model';
import { headGrid } from './headGrid';
import { tokenLists } from './lists';
import { section } from './section';

export function inspectorView(app: App): HTMLElement {
  const who = el('bdi', { class: 'who', aria: { live: 'polite' } });
  const lock = icon('lock');
  const free = button({ label: 'Free the locked token (Escape)', icon: 'close', iconOnly: true, press: () => app.free() });
  const reveal = button({ label: 'Show in the editor', icon: 'go-to-file', iconOnly: true, press: () => {
    const { focus } = app.store.get();
    const index = focus?.indices[0];
    if (focus && index !== undefined) app.act(app.api.reveal({ sequence: focus.sequence, index }));
  } });
  const { element, body } = section('Token', who, el('span', { class: 'spacer' }), lock, reveal.element, free.element);
  element.classList.add('token-section');
  app.store.watch(
    ({ focus, snapshot }) => [focus, snapshot?.source, snapshot?.target] as const,
    ([focus], { snapshot }) => {
      const tokens = focus ? tokensOf(snapshot, focus.sequence) : [];
      const first = focus?.indices[0];
      const several = focus !== null && focus.indices.length > 1;
      setText(who, several ? namesOf(tokens, focus.indices) : focus && first !== undefined ? tokenPhrase(tokens, first, focus.sequence === 'target') : '');
      lock.hidden = focus?.locked !== true;
      free.element.hidden = focus?.locked !== true;
      const token = first === undefined ? undefined : tokens[first];
      reveal.element.hidden = focus?.locked !== true || snapshot?.stale === true || token === undefined || token.start < 0;
    },
  );
  body.append(headGrid(app), tokenLists(app));
  return element;
}
