/** Labels of a whole text with their probabilities. */
import type { LabelsResult, ScoredLabel } from '../../../src/protocol/engine';
import { MEASURES } from '../../../src/measure/measure';
import { exactNumber } from '../../../src/measure/numbers';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { count as counted, percent, textLabel } from '../../format';

/** A logit, a score or a difference, with its sign. */
const signed = (value: number): string => exactNumber(value, MEASURES.difference);

function row({ label, logit, probability }: ScoredLabel): HTMLElement {
  const share = probability ?? 0;
  const bar = el('span', { class: 'bar' });
  bar.style.width = `${Math.max(0.5, share * 100)}%`;
  const numbers = { probability: percent(share), logit: signed(logit) };
  return el(
    'li',
    { class: 'answer-label', title: say('webview.task.label', { label: textLabel(label), ...numbers }) },
    el('bdi', { class: 'answer-name' }, textLabel(label)),
    el('span', { class: 'bar-track', aria: { hidden: true } }, bar),
    el('span', { class: 'number' }, numbers.probability),
  );
}

/** The labels as a list with bars; a regression's numbers, or a lone score, as a line each. */
export function labelBars({ meaning, labels, count }: LabelsResult): readonly HTMLElement[] {
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
        el('ol', { class: 'answer-labels', aria: { label: say('webview.task.labels') } }, ...labels.map(row)),
        ...(labels.length < count
          ? [el('p', { class: 'hint' }, say('webview.task.more', { shown: labels.length, count: counted(count) }))]
          : []),
      ];
  }
}
