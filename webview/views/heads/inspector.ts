/** The looked-at token in every head, and its neighbours in the chosen one. */
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, icon, setText } from '../../dom';
import { textLabel } from '../../format';
import { axisIn, itemsOf } from '../../axes/axis';
import { canMask, masksOf, tokensOf, type AppState } from '../../state/appState';
import { namesOf, phraseAt } from '../../state/shown/colouring';
import { section } from '../frame/section';
import { view } from '../view';
import { headGrid } from './headGrid';
import { tokenLists } from './lists';

/** The focused tokens in words. */
function whoText(state: AppState): string {
  const { focus, snapshot } = state;
  const first = focus?.indices[0];
  if (!focus || first === undefined) return '';
  const axis = axisIn(state, focus.sequence);
  if (itemsOf(axis, focus.indices).length > 1) return namesOf(axis, focus.indices);
  const token = phraseAt(axis, first);
  const hidden = focus.sequence === 'source' ? masksOf(snapshot).get(first) : undefined;
  return typeof hidden === 'string' ? say('webview.token.hides', { token, hidden: textLabel(hidden) }) : token;
}

export const inspectorView = view((app, scope) => {
  const { state } = app;
  // Not a live region: somebody who moves by key hears the token itself, and somebody who points sees it.
  const who = el('bdi', { class: 'who' });
  const lock = icon('lock');
  const free = button({
    label: say('webview.inspector.free'),
    icon: 'close',
    iconOnly: true,
    press: () => app.free(),
  });
  const reveal = button({
    label: say('webview.inspector.reveal'),
    icon: 'go-to-file',
    iconOnly: true,
    press: () => {
      const index = state.focus?.indices[0];
      if (state.focus && index !== undefined) app.act(app.api.reveal({ sequence: state.focus.sequence, index }));
    },
  });
  const mask = button({
    label: say('webview.inspector.mask'),
    icon: 'eye-closed',
    title: say('webview.inspector.maskTitle'),
    press: () => app.toggleMasks(state.focus?.indices ?? []),
  });
  const { element, body } = section(
    say('webview.inspector.title'),
    who,
    el('span', { class: 'token-actions' }, mask.element, lock, reveal.element, free.element),
  );
  element.classList.add('token-section');
  scope.draw(() => {
    const { focus, snapshot } = state;
    const masks = masksOf(snapshot);
    setText(who, whoText(state));
    const isLocked = focus?.locked === true;
    const maskable =
      isLocked && focus.sequence === 'source'
        ? focus.indices.filter((index) => canMask(snapshot, { sequence: 'source', index }))
        : [];
    mask.element.hidden = maskable.length === 0;
    const allMasked = maskable.every((index) => masks.has(index));
    mask.setLabel(allMasked ? say('webview.inspector.unmask') : say('webview.inspector.mask'));
    lock.hidden = !isLocked;
    free.element.hidden = !isLocked;
    const first = focus?.indices[0];
    const token = focus && first !== undefined ? tokensOf(snapshot, focus.sequence)[first] : undefined;
    reveal.element.hidden = !isLocked || snapshot?.stale === true || token === undefined || token.start < 0;
  });
  scope.mount(headGrid, body);
  scope.mount(tokenLists, body);
  return element;
});
