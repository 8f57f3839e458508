/** Keeps the explanation on show, to be compared with what is shown after it. */
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { isSamePlace } from '../../state/pinned/pinnedView';
import { view } from '../view';

export const pinButton = view((app, scope) => {
  const pin = button({
    label: say('webview.compare.pin'),
    icon: 'pin',
    title: say('webview.compare.pinTitle'),
    press: () => app.pin(),
  });
  pin.element.classList.add('pin');
  scope.draw(() => {
    const { pinned, snapshot, view: shown } = app.state;
    const isPinned = pinned?.id === snapshot?.id && pinned?.map.kind === shown.kind && isSamePlace(pinned.map, shown);
    pin.enable(!isPinned);
  });
  return pin.element;
});
