/** The steps so far, one row each: token, probability, rank where it was not the first, and how it came to be. */
import type { DecoderStep } from '../../../src/protocol/engine';
import type { Unit } from '../../../src/measure/units';
import { listOf } from '../../../src/text/listInSentence';
import { say } from '../../../src/text/say';
import { el, numberUnder, setAttribute } from '../../dom';
import { axisIn } from '../../axes/axis';
import { percent, textLabel, tokenLabel } from '../../format';
import { shownAxis } from '../../state/appState';
import { view } from '../view';

/** How a token came to be, where it was not the model's own choice. */
function originName(origin: DecoderStep['origin']): string {
  switch (origin) {
    case 'greedy':
    case 'beam':
      return '';
    case 'sampled':
      return say('webview.steps.drawn');
    case 'branch':
      return say('webview.steps.branched');
    case 'forced':
      return say('webview.steps.forced');
  }
}

/** The step that is shown: the chosen one, or the newest. */
export function shownStep(step: number, steps: readonly DecoderStep[]): number {
  return step >= 0 && step < steps.length ? step : steps.length - 1;
}

/** The word of several tokens that a step's token is in, and its probability: that of all its tokens, one after the other. */
export interface StepWord {
  readonly text: string;
  readonly probability: number;
  readonly place: 'first' | 'inner' | 'last';
}

/** For each step the word that it is in, where that has several of the steps' tokens. */
function stepWords(steps: readonly DecoderStep[], units: readonly Unit[]): readonly (StepWord | undefined)[] {
  const out: (StepWord | undefined)[] = steps.map(() => undefined);
  const first = steps[0]?.index ?? 0;
  for (const unit of units) {
    const from = Math.max(unit.from, first) - first;
    const to = Math.min(unit.to - first, steps.length);
    if (to - from < 2) continue;
    const probability = steps.slice(from, to).reduce((product, { chosen }) => product * chosen.probability, 1);
    for (let at = from; at < to; at++) {
      const inner = at === to - 1 ? 'last' : 'inner';
      out[at] = { text: textLabel(unit.text), probability, place: at === from ? 'first' : inner };
    }
  }
  return out;
}

function row(step: DecoderStep, index: number, word: StepWord | undefined): HTMLElement {
  const bar = el('span', { class: 'bar' });
  bar.style.width = `${Math.max(0.5, step.chosen.probability * 100)}%`;
  const origin = originName(step.origin);
  const facts = [
    say('webview.steps.step', {
      index: index + 1,
      token: tokenLabel(step.chosen),
      share: percent(step.chosen.probability),
    }),
    step.rank > 1 ? say('webview.steps.rank', { rank: step.rank }) : '',
    origin,
    word ? say('webview.steps.ofWord', { word: word.text, share: percent(word.probability) }) : '',
  ];
  const label = listOf(facts.filter((part) => part !== ''));
  return el(
    'div',
    {
      class: word ? `step of-word ${word.place}` : 'step',
      role: 'option',
      tabIndex: -1,
      data: { step: index },
      aria: { selected: false },
      title: label,
    },
    el('span', { class: 'step-index' }, String(index + 1)),
    el('bdi', { class: 'step-token' }, tokenLabel(step.chosen)),
    el(
      'span',
      { class: 'step-mark' },
      step.rank > 1 ? `#${step.rank}` : '',
      origin === '' ? null : el('span', { class: `origin ${step.origin}` }, origin),
    ),
    el('span', { class: 'bar-track', aria: { hidden: true } }, bar),
    el('span', { class: 'number' }, percent(step.chosen.probability)),
  );
}

const sameWord = (one: StepWord | undefined, other: StepWord | undefined): boolean =>
  one?.place === other?.place && one?.text === other?.text && one?.probability === other?.probability;

const sameStep = (one: DecoderStep | undefined, other: DecoderStep | undefined): boolean =>
  one !== undefined &&
  other !== undefined &&
  one.index === other.index &&
  one.chosen.id === other.chosen.id &&
  tokenLabel(one.chosen) === tokenLabel(other.chosen) &&
  one.origin === other.origin &&
  one.chosen.probability === other.chosen.probability;

export const stepsView = view((app, scope) => {
  const { state } = app;
  const element = el('div', { class: 'steps', role: 'listbox', aria: { label: say('webview.steps.label') } });
  let shown: readonly DecoderStep[] = [];
  let shownWords: readonly (StepWord | undefined)[] = [];
  const rows = (): HTMLElement[] =>
    [...element.children].filter((node): node is HTMLElement => node instanceof HTMLElement);
  // On the next frame, since the list may have become visible only now and has no height before.
  const toEnd = scope.onFrame(() => (element.scrollTop = element.scrollHeight));

  scope.draw(() => {
    const steps = state.snapshot?.steps ?? [];
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
    let same = 0;
    const units = shownAxis(state) === 'words' ? axisIn(state, 'target').items.map(({ unit }) => unit) : [];
    const words = stepWords(steps, units);
    while (same < shown.length && sameStep(shown[same], steps[same]) && sameWord(shownWords[same], words[same])) same++;
    for (const stale of rows().slice(same)) stale.remove();
    element.append(...steps.slice(same).map((step, index) => row(step, same + index, words[same + index])));
    element.hidden = steps.length === 0;
    shown = steps;
    shownWords = words;
    if (atEnd) toEnd();
  });
  scope.draw(() => {
    const { snapshot, step, focus } = state;
    const steps = snapshot?.steps ?? [];
    const chosen = shownStep(step, steps);
    rows().forEach((node, index) => {
      const is = index === chosen;
      node.classList.toggle('chosen', is);
      setAttribute(node, 'aria-selected', String(is));
      node.tabIndex = is ? 0 : -1;
      const isFocused = focus?.sequence === 'target' && focus.indices.includes(steps[index]?.index ?? -1);
      node.classList.toggle('focused', isFocused);
    });
  });

  const token = (index: number): { sequence: 'target'; index: number } => ({
    sequence: 'target',
    index: shown[index]?.index ?? 0,
  });
  const choose = (index: number): void => {
    if (index < 0 || index >= shown.length) return;
    app.chooseStep(index);
    const node = rows()[index];
    node?.focus();
    node?.scrollIntoView({ block: 'nearest' });
  };
  const hover = (event: Event): void => {
    const index = numberUnder(event, 'step');
    if (index !== undefined) app.hover(token(index));
  };
  scope.listen(element, 'pointerover', hover);
  scope.listen(element, 'pointerleave', () => app.hover(null));
  scope.listen(element, 'focusin', hover);
  scope.listen(element, 'focusout', () => app.hover(null));
  scope.listen(element, 'click', (event) => {
    const index = numberUnder(event, 'step');
    if (index !== undefined) choose(index);
  });
  scope.listen(element, 'keydown', (event) => {
    const at = shownStep(state.step, shown);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      choose(to);
    } else if (event.key === 'Enter') app.lock(token(at), false);
  });
  return element;
});
