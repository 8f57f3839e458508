/** The output beside what it is without the locked words of the input. */
import { namesOfPieces } from '../../../src/attention/interventionName';
import type { Token, TokenRange } from '../../../src/attention/types';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, setText } from '../../dom';
import { tokensOf, isBusy } from '../../state/appState';
import { inputChangeOfText, lockedInput, textIn } from '../../state/shown/pieces';
import { view } from '../view';
import { answerChange } from './answerChange';
import { changeTable, colouredOutput, meansOf, rewrittenText } from './changedOutputParts';

const namesOfRanges = (tokens: readonly Token[], ranges: readonly TokenRange[]): string =>
  namesOfPieces(ranges.map((range) => textIn(tokens, range)));

export const inputWithoutView = view((app, scope) => {
  const { state } = app;
  const leave = button({
    label: say('webview.without.leave'),
    icon: 'eye-closed',
    title: say('webview.without.leaveTitle'),
    press: () => app.leaveOutLocked(),
  });
  const explain = button({
    label: say('webview.without.explain'),
    icon: 'split-horizontal',
    title: say('webview.without.explainTitle'),
    press: () => {
      const { snapshot, focus, view: shown } = state;
      if (snapshot) app.intervene({ ranges: lockedInput(snapshot, focus), manner: shown.leave.manner, off: [] });
    },
  });
  const stop = button({ label: say('webview.off.stop'), icon: 'debug-stop', press: () => app.stopShortening() });
  const note = el('p', { class: 'hint', role: 'status' });
  const result = el('div');
  const element = el(
    'div',
    { class: 'input-without' },
    el('div', { class: 'head-switches' }, leave.element, explain.element, stop.element),
    note,
    result,
  );
  scope.draw(() => {
    const { snapshot, focus, shortening } = state;
    const hasPieces = snapshot !== null && !isBusy(snapshot) && lockedInput(snapshot, focus).length > 0;
    leave.enable(hasPieces);
    explain.enable(hasPieces);
    leave.element.hidden = shortening;
    stop.element.hidden = !shortening;
    setText(note, say(shortening ? 'webview.without.computing' : 'webview.without.hint'));
  });
  scope.draw(() => {
    const { snapshot, shortened, palette } = state;
    const known = inputChangeOfText(snapshot, shortened);
    result.hidden = !known;
    if (!known || !snapshot) {
      result.replaceChildren();
      return;
    }
    if (known.answer) {
      result.replaceChildren(...answerChange(known.answer, state, say('webview.without.column.before')));
      return;
    }
    const tokens = tokensOf(snapshot, known.sequence);
    const pieces = namesOfRanges(tokensOf(snapshot, known.part), known.ranges);
    result.replaceChildren(
      el('p', {}, say('webview.without.mean', { pieces, ...meansOf(known) })),
      colouredOutput(known, tokens, palette),
      ...rewrittenText(known, state),
      changeTable(known, tokens, say('webview.without.column.before')),
      el('p', { class: 'hint' }, say('webview.without.caveat')),
    );
  });
  return element;
});
