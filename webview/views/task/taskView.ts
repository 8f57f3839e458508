/** What a model with a task head answers about the text on show, and from which token it is computed. */
import type { AnswerSpan, TaskAnswer, TaskResult } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, numberUnder, setText } from '../../dom';
import { count, tokenLabel } from '../../format';
import { tokensOf } from '../../state/appState';
import { section } from '../frame/section';
import { view } from '../view';
import { similarityNodes } from './similarityView';
import { answerSpanNodes } from './spanView';
import { labelBars } from './labelBars';
import { labelledWords } from './labelledWords';
import { pairSwitch } from './pairSwitch';

/** What kind of answer it is. */
function noteOf({ result }: TaskAnswer): string {
  if (!result) return say('webview.task.none');
  if (result.type === 'token-labels') return say('webview.task.tokens', { count: count(result.count) });
  if (result.type === 'span') return say('webview.task.span');
  if (result.type === 'similarity')
    return result.cosine === null ? say('webview.task.vector') : say('webview.task.similarity');
  switch (result.meaning) {
    case 'single':
      return say('webview.task.single', { count: count(result.count) });
    case 'multi':
      return say('webview.task.multi', { count: count(result.count) });
    case 'regression':
      return say('webview.task.regression');
    case 'score':
      return say('webview.task.score');
  }
}

/** The token that the answer is computed from, where it is one. */
const sourceOf = (result: TaskResult | null | undefined): number | undefined =>
  result?.type === 'labels' && result.from.length === 1 ? result.from[0] : undefined;

export const taskView = view((app, scope) => {
  const { state } = app;
  const note = el('span', { class: 'section-note', role: 'status' });
  const look = button({
    label: '',
    icon: 'eye',
    title: say('webview.task.fromTitle'),
    press: () => {
      const index = sourceOf(state.snapshot?.answer?.result);
      if (index === undefined) return;
      app.setDirection('to');
      if (state.focus?.locked !== true || !state.focus.indices.includes(index))
        app.lock({ sequence: 'source', index }, false);
    },
  });
  const { element, header, body } = section(
    say('webview.task.title'),
    note,
    el('span', { class: 'spacer' }),
    look.element,
  );
  element.classList.add('answer');
  scope.mount(pairSwitch, header);
  const gaps = el('ul', { class: 'answer-gaps' });
  const labels = el('div');
  body.append(el('div', {}, el('div', { role: 'status' }, gaps), labels));
  scope.mount(labelledWords, body);

  /** Locks all tokens of a piece together. */
  const lockAll = ({ from, to }: AnswerSpan): void => {
    app.free();
    for (let index = from; index < to; index++)
      if (state.focus?.indices.includes(index) !== true) app.lock({ sequence: 'source', index }, index > from);
  };

  scope.draw(() => {
    const { snapshot } = state;
    const answer = snapshot?.early === false ? snapshot.answer : null;
    element.hidden = !answer;
    if (!answer) return;
    const { result } = answer;
    setText(note, noteOf(answer));
    const from = sourceOf(result);
    look.element.hidden = from === undefined;
    if (from !== undefined)
      look.setLabel(say('webview.task.from', { token: tokenLabel(tokensOf(snapshot, 'source')[from]) }));
    gaps.hidden = answer.gaps.length === 0;
    gaps.replaceChildren(
      ...answer.gaps.map(({ code, message }) => el('li', {}, say('webview.task.gap', { message, code }))),
    );
    const isMean = result?.type === 'labels' && result.from.length > 1;
    const held = labels.contains(document.activeElement);
    labels.replaceChildren(
      ...(result?.type === 'labels' ? labelBars(result, state.view.label) : []),
      ...(result?.type === 'span' ? answerSpanNodes(result, tokensOf(snapshot, 'source')) : []),
      ...(result?.type === 'similarity' ? similarityNodes(result) : []),
      ...(isMean ? [el('p', { class: 'hint' }, say('webview.task.fromAll'))] : []),
    );
    // The keyboard stays on the label that it chose.
    if (held) labels.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
  });
  scope.listen(labels, 'click', (event) => {
    const label = numberUnder(event, 'label');
    if (label !== undefined) app.setView({ label });
    const result = state.snapshot?.answer?.result;
    const span = result?.type === 'span' ? result.answers[numberUnder(event, 'span') ?? -1] : undefined;
    if (span) lockAll(span);
  });
  return element;
});
