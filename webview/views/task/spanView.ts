/** The pieces of a context that answer a question, and where answers begin and end. */
import type { Token } from '../../../src/attention/types';
import type { AnswerSpan, SpanResult } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { percent, textLabel, tokenLabel } from '../../format';
import { textIn } from '../../state/shown/pieces';

/** Places that are listed of each end. */
const MOST_ENDS = 5;

/** A piece's text, without blanks round it. */
export const answerText = (tokens: readonly Token[], span: AnswerSpan): string => textIn(tokens, span).trim();

function answerRow(span: AnswerSpan, at: number, tokens: readonly Token[]): HTMLElement {
  const bar = el('span', { class: 'bar' });
  bar.style.width = `${Math.max(0.5, span.probability * 100)}%`;
  return el(
    'li',
    {},
    el(
      'button',
      { class: 'answer-label', title: say('webview.task.lockAnswer'), data: { span: at } },
      el('bdi', { class: 'answer-name' }, textLabel(answerText(tokens, span))),
      el('span', { class: 'bar-track', aria: { hidden: true } }, bar),
      el('span', { class: 'number' }, percent(span.probability)),
    ),
  );
}

function endsList(title: string, shares: readonly number[], tokens: readonly Token[]): HTMLElement {
  const best = [...shares.keys()]
    .filter((at) => (shares[at] ?? 0) > 0)
    .sort((one, other) => (shares[other] ?? 0) - (shares[one] ?? 0))
    .slice(0, MOST_ENDS);
  return el(
    'div',
    {},
    el('p', { class: 'answer-number' }, title),
    el(
      'ol',
      { aria: { label: title } },
      ...best.map((at) =>
        el(
          'li',
          { class: 'answer-end' },
          el('bdi', {}, tokenLabel(tokens[at])),
          el('span', { class: 'number' }, percent(shares[at] ?? 0)),
        ),
      ),
    ),
  );
}

/** The answers, likeliest first, each a button; beside them the likeliest first and last tokens. */
export function answerSpanNodes(result: SpanResult, tokens: readonly Token[]): readonly HTMLElement[] {
  return [
    el(
      'ol',
      { class: 'answer-labels', aria: { label: say('webview.task.answers') } },
      ...result.answers.map((span, at) => answerRow(span, at, tokens)),
    ),
    el('p', { class: 'hint' }, say('webview.task.noAnswer', { none: percent(result.none), longest: result.longest })),
    el(
      'div',
      { class: 'answer-ends' },
      endsList(say('webview.task.begins'), result.begins, tokens),
      endsList(say('webview.task.ends'), result.ends, tokens),
    ),
  ];
}
