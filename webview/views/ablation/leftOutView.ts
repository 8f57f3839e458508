/** The input, coloured by what each word or sentence of it is worth to the output. */
import type { Token } from '../../../src/attention/types';
import { costScale } from '../../../src/measure/costScale';
import { MEASURES } from '../../../src/measure/measure';
import type { LeftOutCosts } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { dropdown } from '../../controls/dropdown';
import { el, setText } from '../../dom';
import { textLabel, tokenLabel } from '../../format';
import { tokensOf, isBusy } from '../../state/appState';
import { blankBefore, leftOutOfText, pieceMethod, piecesOf, textIn } from '../../state/shown/pieces';
import { isScored } from '../../state/shown/scoredBy';
import { colourOf, type Palette } from '../../theme';
import { section } from '../frame/section';
import { view } from '../view';
import { nats } from './changedOutputParts';
import { inputWithoutView } from './inputWithoutView';
import { agreementNote, measuredNote, measuredOf, measuringNote, unitOfPieces } from './leftOutNotes';

const BY = ['words', 'sentences'] as const;
const MANNERS = ['removed', 'replaced'] as const;
const METHODS = ['each', 'fit'] as const;
/** So many pieces stand in the table. */
const MOST_LISTED = 8;

/** The input with each piece in the colour of what its absence changes. */
function coloured(known: LeftOutCosts, tokens: readonly Token[], palette: Palette): HTMLElement {
  const { costs, ranges } = known;
  const scale = costScale(costs);
  const pieces: (Node | string)[] = [];
  let at = 0;
  const gap = (to: number): string => (tokens[to - 1]?.special === true ? ' ' : blankBefore(tokens, to));
  const plain = (to: number): void => {
    for (; at < to; at++) {
      const token = tokens[at];
      pieces.push(
        gap(at),
        el('bdi', { class: 'left-out-other' }, token?.special === true ? tokenLabel(token) : (token?.text ?? '')),
      );
    }
  };
  ranges.forEach((range, place) => {
    plain(range.from);
    const cost = costs[place] ?? NaN;
    const text = textIn(tokens, range);
    const node = el(
      'span',
      {
        class: 'left-out-piece',
        title: Number.isNaN(cost)
          ? say('webview.leave.unknown', { piece: textLabel(text.trim()) })
          : say('webview.leave.piece', {
              piece: textLabel(text.trim()),
              change: nats(-cost),
              unit: unitOfPieces(known),
            }),
      },
      el('bdi', {}, text),
    );
    const { fill, text: ink } = colourOf(palette, MEASURES.difference, Number.isNaN(cost) ? 0 : -cost * scale);
    node.style.backgroundColor = fill;
    node.style.color = ink;
    pieces.push(gap(range.from), node);
    at = range.to;
  });
  plain(ranges.at(-1)?.to ?? 0);
  return el('p', { class: 'changed-text', aria: { label: say('webview.leave.coloured') } }, ...pieces);
}

/** The pieces whose absence changes most, with numbers. */
function table({ costs, ranges }: LeftOutCosts, tokens: readonly Token[]): HTMLElement {
  const listed = ranges
    .map((range, at) => ({ range, cost: costs[at] ?? NaN }))
    .filter(({ cost }) => !Number.isNaN(cost))
    .sort((one, other) => Math.abs(other.cost) - Math.abs(one.cost))
    .slice(0, MOST_LISTED);
  return el(
    'table',
    { class: 'changed-table left-out-table' },
    el('caption', {}, say('webview.leave.table')),
    el(
      'thead',
      {},
      el('tr', {}, el('th', {}, say('webview.leave.column.piece')), el('th', {}, say('webview.leave.column.change'))),
    ),
    el(
      'tbody',
      {},
      ...listed.map(({ range, cost }) =>
        el('tr', {}, el('th', {}, el('bdi', {}, textLabel(textIn(tokens, range).trim()))), el('td', {}, nats(-cost))),
      ),
    ),
  );
}

export const leftOutView = view((app, scope) => {
  const { state } = app;
  const by = dropdown(say('webview.leave.by'), (at) =>
    app.setView({ leave: { ...state.view.leave, by: BY[at] ?? 'words' } }),
  );
  const manner = dropdown(say('webview.leave.manner'), (at) =>
    app.setView({ leave: { ...state.view.leave, manner: MANNERS[at] ?? 'removed' } }),
  );
  const method = dropdown(say('webview.leave.method'), (at) =>
    app.setView({ leave: { ...state.view.leave, method: METHODS[at] ?? 'each' } }),
  );
  const rank = button({
    label: say('webview.leave.rank'),
    icon: 'list-ordered',
    title: say('webview.leave.rankTitle'),
    press: () => app.rankPieces(),
  });
  const stop = button({ label: say('webview.off.stop'), icon: 'debug-stop', press: () => app.stopPieces() });
  const forget = button({
    label: say('webview.leave.forget'),
    icon: 'discard',
    title: say('webview.leave.forgetTitle'),
    press: () => app.forgetPieces(),
  });
  const bar = el('progress', { class: 'measure-progress', aria: { label: say('webview.leave.progress') } });
  const note = el('p', { class: 'hint', role: 'status' });
  const result = el('div');
  const { element, body } = section(say('webview.leave.title'));
  element.classList.add('left-out');
  body.append(
    el(
      'div',
      { class: 'head-switches' },
      by.element,
      method.element,
      manner.element,
      rank.element,
      bar,
      stop.element,
      forget.element,
    ),
    note,
    result,
  );
  scope.mount(inputWithoutView, body);

  scope.draw(() => {
    const { snapshot, view: shown, leaving } = state;
    by.set(
      BY.map((one) => say(`webview.leave.${one}`)),
      BY.indexOf(shown.leave.by),
    );
    manner.set(
      MANNERS.map((one) => say(`webview.leave.${one}`)),
      MANNERS.indexOf(shown.leave.manner),
    );
    method.set(
      METHODS.map((one) => say(`webview.leave.${one}`)),
      METHODS.indexOf(pieceMethod(shown)),
    );
    // Words are too many, and too near each other, to be fitted.
    method.element.hidden = shown.leave.by !== 'sentences';
    const isAtRest = snapshot !== null && !isBusy(snapshot);
    rank.enable(isAtRest && isScored(snapshot) && piecesOf(snapshot, shown.leave.by).length > 0);
    rank.element.hidden = leaving;
    bar.hidden = !leaving;
    stop.element.hidden = !leaving;
  });
  scope.draw(() => {
    const { snapshot, leftOut, leaving, palette } = state;
    const known = leftOutOfText(snapshot, leftOut);
    result.hidden = !known;
    forget.element.hidden = !known || leaving;
    if (!known) {
      bar.removeAttribute('value');
      result.replaceChildren();
      setText(note, say(snapshot && !isScored(snapshot) ? 'webview.leave.noScore' : 'webview.leave.hint'));
      return;
    }
    bar.max = measuredOf(known).all;
    bar.value = known.done;
    setText(note, leaving ? measuringNote(known) : measuredNote(known));
    const tokens = tokensOf(snapshot, known.sequence);
    result.replaceChildren(
      coloured(known, tokens, palette),
      table(known, tokens),
      ...(known.agreement ? [el('p', { class: 'agreement' }, agreementNote(known.agreement))] : []),
      el('p', { class: 'hint' }, say(known.fit ? 'webview.leave.fitCaveat' : 'webview.leave.caveat')),
    );
  });
  return element;
});
