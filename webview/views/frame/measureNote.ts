/** What is to be known of the chosen measure: that it is being made, with a way to stop, or why it is not on show. */
import { isProbed } from '../../../src/attention/types';
import { MEASURES } from '../../../src/measure/measure';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, setText } from '../../dom';
import { kindInfo } from '../../state/appState';
import { kindName } from '../../state/shown/names';
import { view } from '../view';

const percent = (fraction: number): string => `${Math.round(100 * fraction)} %`;

export const measureNote = view((app, scope) => {
  const bar = el('progress', { class: 'measure-progress', aria: { label: say('webview.measure.progress') } });
  const text = el('span', { class: 'measure-text', role: 'status' });
  const cancel = button({
    label: say('webview.header.cancel'),
    icon: 'close',
    title: say('webview.measure.cancelTitle'),
    press: () => app.setView({ measure: 'weight' }),
  });
  const element = el('div', { class: 'measure-note', hidden: true }, bar, text, cancel.element);
  scope.draw(() => {
    const { measure, snapshot, view: shown } = app.state;
    const { chosen, making, gap } = measure;
    const info = kindInfo(snapshot, shown.kind);
    const isMaking = isProbed(chosen) && making !== null;
    bar.hidden = !isMaking;
    cancel.element.hidden = !isMaking;
    element.hidden = !isMaking && gap === '';
    const name = say(MEASURES[chosen].title);
    if (isMaking) {
      if (making < 0) bar.removeAttribute('value');
      else bar.value = making;
      setText(
        text,
        making < 0
          ? say('webview.measure.making', { measure: name })
          : say('webview.measure.madeTo', { measure: name, share: percent(making) }),
      );
    } else
      setText(
        text,
        gap === ''
          ? ''
          : say('webview.measure.gap', {
              measure: name,
              kind: kindName(info?.kind ?? 'encoder').toLowerCase(),
              reason: gap,
            }),
      );
  });
  return element;
});
