/** The output beside what it is without the heads that are switched off. */
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, setText } from '../../dom';
import { tokensOf } from '../../state/appState';
import { section } from '../frame/section';
import { view } from '../view';
import { labelChange } from './labelChange';
import { changeTable, colouredOutput, meansOf, rewrittenText } from './changedOutputParts';

export const headsOffView = view((app, scope) => {
  const { state } = app;
  const note = el('span', { class: 'section-note', role: 'status' });
  const back = button({
    label: say('webview.off.allOn'),
    icon: 'discard',
    press: () => app.setView({ off: [] }),
  });
  const { element, body } = section(say('webview.off.title'), note, el('span', { class: 'spacer' }), back.element);
  element.classList.add('heads-off');
  scope.draw(() => {
    const { off } = state.view;
    element.hidden = off.length === 0;
    if (off.length === 0) return;
    const report = state.without;
    const heads = off.length === 1 ? say('webview.off.oneHead') : say('webview.off.heads', { count: off.length });
    setText(note, report ? heads : say('webview.off.computing', { heads }));
    if (!report) {
      body.replaceChildren();
      return;
    }
    if (report.labels) {
      body.replaceChildren(labelChange(report.labels, state, say('webview.off.column.before')));
      return;
    }
    const tokens = tokensOf(state.snapshot, report.sequence);
    body.replaceChildren(
      el('p', {}, say('webview.off.mean', meansOf(report))),
      colouredOutput(report, tokens, state.palette),
      ...rewrittenText(report, state),
      changeTable(report, tokens, say('webview.off.column.before')),
      el('p', { class: 'hint' }, say('webview.off.caveat')),
    );
  });
  return element;
});
