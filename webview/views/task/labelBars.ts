/** Labels of a whole text with their probabilities. */
import type { LabelsResult, ScoredLabel } from '../../../src/protocol/engine';
import { MEASURES } from '../../../src/measure/measure';
import { exactNumber } from '../../../src/measure/numbers';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { count as counted, percent, textLabel } from '../../format';

/** A logit, a score or a difference, with its sign. */
const signed = (value: number): string => exactNumber(value, MEASURES.difference);

/** A label of several, to be chosen as what words and heads are measured by. */
function row({ id, label, logit, probability }: ScoredLabel, isChosen: boolean): HTMLElement {
  const share = probability ?? 0;
  const bar = el('span', { class: 'bar' });
  bar.style.width = `${Math.max(0.5, share * 100)}%`;
  const numbers = { probability: percent(share), logit: signed(logit) };
  return el(
    'li',
    {},
    el(
      'button',
      {
        class: 'answer-label',
        title: say('webview.task.label', { label: textLabel(label), ...numbers }),
        data: { label: id },
        aria: { pressed: isChosen },
      },
      el('bdi', { class: 'answer-name' }, textLabel(label)),
      el('span', { class: 'bar-track', aria: { hidden: true } }, bar),
      el('span', { class: 'number' }, numbers.probability),
    ),
  );
}

/**
 * The labels as a list with bars; a regression's numbers, or a lone score, as a line each.
 * @param chosen the number of the label that is measured; the likeliest where it is none of these
 */
export function labelBars({ meaning, labels, count }: LabelsResult, chosen: number | null): readonly HTMLElement[] {
  const measured = labels.find(({ id }) => id === chosen) ?? labels[0];
  switch (meaning) {
    case 'regression':
      return labels.map(({ label, logit }) =>
        el(
          'p',
          { class: 'answer-number' },
          say('webview.task.number', { label: textLabel(label), number: signed(logit) }),
        ),
      );
    case 'score':
      return labels.map(({ logit, probability }) =>
        el(
          'p',
          { class: 'answer-number' },
          say('webview.task.scored', { probability: percent(probability ?? 0), logit: signed(logit) }),
        ),
      );
    case 'single':
    case 'multi':
      return [
        el(
          'ol',
          { class: 'answer-labels', aria: { label: say('webview.task.labels') } },
          ...labels.map((one) => row(one, one === measured)),
        ),
        el('p', { class: 'hint' }, say('webview.task.choose')),
        ...(labels.length < count
          ? [el('p', { class: 'hint' }, say('webview.task.more', { shown: labels.length, count: counted(count) }))]
          : []),
      ];
  }
}
