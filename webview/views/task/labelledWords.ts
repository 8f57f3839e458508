/** A text whose tokens have labels: each word with its label under it. */
import type { ScoredLabel, TokenLabelsResult } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { axisIn, type AxisItem } from '../../axes/axis';
import { el, numberUnder, setText } from '../../dom';
import { percent, textLabel } from '../../format';
import { view } from '../view';

/** A word and the labels of its first token that has some. */
interface LabelledWord {
  readonly item: AxisItem;
  readonly top: readonly ScoredLabel[];
}

/** What tokens are called that are nothing in particular (Ramshaw and Marcus 1995). */
const OUTSIDE = 'O';

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

const candidate = ({ label, probability }: ScoredLabel): string =>
  say('webview.task.candidate', { label: textLabel(label), probability: percent(probability ?? 0) });

const told = ({ item, top }: LabelledWord, most: number): string =>
  say('webview.task.word', { token: item.label, labels: top.slice(0, most).map(candidate).join(' · ') });

function wordsOf({ tokens }: TokenLabelsResult, items: readonly AxisItem[]): readonly LabelledWord[] {
  const labels = new Map(tokens.map(({ index, top }) => [index, top]));
  return items.flatMap((item) => {
    const top = item.tokens.map((index) => labels.get(index)).find((one) => one !== undefined);
    return top ? [{ item, top }] : [];
  });
}

export const labelledWords = view((app, scope) => {
  const { state } = app;
  const readout = el('p', { class: 'readout', role: 'status' });
  const list = el('ul', { class: 'labelled-words', aria: { label: say('webview.task.words') } });
  const hint = el('p', { class: 'hint' }, say('webview.task.firstPart'));
  const element = el('div', {}, list, readout, hint);
  let words: readonly LabelledWord[] = [];
  /** The word in the tab order. */
  let chosen = 0;

  const point = (at: number | undefined): void => {
    const word = words[at ?? -1];
    const [index] = word?.item.tokens ?? [];
    if (!word || index === undefined) return;
    setText(readout, told(word, word.top.length));
    app.hover({ sequence: 'source', index });
  };
  const nodeAt = (at: number): HTMLElement | null => list.querySelector(`[data-word="${at}"]`);
  scope.listen(list, 'pointermove', (event) => {
    if (event.movementX !== 0 || event.movementY !== 0) point(numberUnder(event, 'word'));
  });
  scope.listen(list, 'pointerleave', () => app.hover(null));
  scope.listen(list, 'focusin', (event) => {
    const at = numberUnder(event, 'word');
    if (at === undefined) return;
    nodeAt(chosen)?.setAttribute('tabindex', '-1');
    nodeAt(at)?.setAttribute('tabindex', '0');
    chosen = at;
    point(at);
  });
  scope.listen(list, 'focusout', () => app.hover(null));
  scope.listen(list, 'click', (event) => {
    const [index] = words[numberUnder(event, 'word') ?? -1]?.item.tokens ?? [];
    if (index !== undefined) app.lock({ sequence: 'source', index }, event.ctrlKey || event.metaKey);
  });
  scope.listen(list, 'keydown', (event) => {
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    nodeAt(Math.min(words.length - 1, Math.max(0, chosen + step)))?.focus();
  });

  scope.draw(() => {
    const result = state.snapshot?.answer?.result;
    const { items } = axisIn(state, 'source');
    words = result?.type === 'token-labels' ? wordsOf(result, items) : [];
    element.hidden = words.length === 0;
    chosen = Math.min(chosen, Math.max(0, words.length - 1));
    hint.hidden = words.every(({ item }) => item.tokens.length === 1);
    setText(readout, say('webview.task.point'));
    const had = list.contains(document.activeElement);
    list.replaceChildren(...words.map((word, at) => el('li', {}, wordNode(word, at, at === chosen))));
    if (had) nodeAt(chosen)?.focus();
  });
  return element;
});

function wordNode(word: LabelledWord, at: number, isReachable: boolean): HTMLElement {
  const [best] = word.top;
  const label = best?.label ?? '';
  return el(
    'button',
    {
      class: label === OUTSIDE ? 'labelled-word outside' : 'labelled-word',
      tabIndex: isReachable ? 0 : -1,
      title: told(word, 1),
      data: { word: at },
    },
    el('bdi', {}, word.item.label),
    ' ', // between the two in the button's name
    el('bdi', { class: 'word-label' }, textLabel(label)),
  );
}
