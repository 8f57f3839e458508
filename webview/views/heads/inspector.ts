/** The looked-at token in every head, and its neighbours in the chosen one. */
import type { App } from '../../state/app';
import { namesOf, tokenPhrase } from '../../state/colouring';
import { button } from '../../controls/button';
import { el, icon, setText } from '../../dom';
import { textLabel } from '../../format';
import { canMask, masksOf, tokensOf } from '../../state/appState';
import { headGrid } from './headGrid';
import { tokenLists } from './lists';
import { section } from '../frame/section';

export function inspectorView(app: App): HTMLElement {
  const who = el('bdi', { class: 'who', aria: { live: 'polite' } });
  const lock = icon('lock');
  const free = button({
    label: 'Free the locked token (Escape)',
    icon: 'close',
    iconOnly: true,
    press: () => app.free(),
  });
  const reveal = button({
    label: 'Show in the editor',
    icon: 'go-to-file',
    iconOnly: true,
    press: () => {
      const { focus } = app.store.get();
      const index = focus?.indices[0];
      if (focus && index !== undefined) app.act(app.api.reveal({ sequence: focus.sequence, index }));
    },
  });
  const mask = button({
    label: 'Mask',
    icon: 'eye-closed',
    title: 'Mask this token: hide it from the model and see what it would put there (M)',
    press: () => app.toggleMasks(app.store.get().focus?.indices ?? []),
  });
  const { element, body } = section(
    'Token',
    who,
    el('span', { class: 'token-actions' }, mask.element, lock, reveal.element, free.element),
  );
  element.classList.add('token-section');
  app.store.watch(
    ({ focus, snapshot }) => [focus, snapshot?.source, snapshot?.target, masksOf(snapshot)] as const,
    ([focus, , , masks], { snapshot }) => {
      const tokens = focus ? tokensOf(snapshot, focus.sequence) : [];
      const first = focus?.indices[0];
      const several = focus !== null && focus.indices.length > 1;
      const hidden = focus?.sequence === 'source' && first !== undefined ? masks.get(first) : undefined;
      const one = focus && first !== undefined ? tokenPhrase(tokens, first, focus.sequence === 'target') : '';
      setText(
        who,
        several
          ? namesOf(tokens, focus.indices)
          : typeof hidden === 'string'
            ? `${one}, hides “${textLabel(hidden)}”`
            : one,
      );
      const maskable =
        focus?.locked === true && focus.sequence === 'source'
          ? focus.indices.filter((index) => canMask(snapshot, { sequence: 'source', index }))
          : [];
      mask.element.hidden = maskable.length === 0;
      mask.setLabel(maskable.every((index) => masks.has(index)) ? 'Unmask' : 'Mask');
      lock.hidden = focus?.locked !== true;
      free.element.hidden = focus?.locked !== true;
      const token = first === undefined ? undefined : tokens[first];
      reveal.element.hidden =
        focus?.locked !== true || snapshot?.stale === true || token === undefined || token.start < 0;
    },
  );
  body.append(headGrid(app), tokenLists(app));
  return element;
}
