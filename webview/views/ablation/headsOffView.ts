/** The output beside what it is without the heads that are switched off. */
import type { Token } from '../../../src/attention/types';
import { MEASURES } from '../../../src/measure/measure';
import { exactNumber } from '../../../src/measure/numbers';
import type { ChangedToken, HeadsOffReport } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, setText } from '../../dom';
import { tokenLabel } from '../../format';
import { generatedFrom, tokensOf, type AppState } from '../../state/appState';
import { changedTokens } from '../../state/changedText';
import { colourOf, type Palette } from '../../theme';
import { section } from '../frame/section';
import { view } from '../view';

/** So many of the tokens that change most stand in the table. */
const MOST_LISTED = 6;
/** A change of less than this, in nats, is no colour. */
const LEAST_SCALE = 0.05;

const number = (value: number): string => exactNumber(value, MEASURES.difference);
const changeOf = ({ before, after }: ChangedToken): number => after - before;

/** The output's tokens, coloured by how much less (or more) likely each became. */
function coloured(report: HeadsOffReport, tokens: readonly Token[], palette: Palette): HTMLElement {
  const most = report.tokens.reduce((all, one) => Math.max(all, Math.abs(changeOf(one))), LEAST_SCALE);
  return el(
    'p',
    { class: 'changed-text', aria: { label: say('webview.off.coloured') } },
    ...report.tokens.map((one) => {
      const token = tokens[one.index];
      const isOther = one.likeliest.id !== token?.id;
      const node = el(
        'span',
        {
          class: isOther ? 'changed-token other' : 'changed-token',
          title: say('webview.off.token', {
            token: tokenLabel(token),
            before: number(one.before),
            after: number(one.after),
            likeliest: tokenLabel(one.likeliest),
            share: (100 * one.likeliest.probability).toPrecision(3),
          }),
        },
        el('bdi', {}, token?.special === true ? tokenLabel(token) : (token?.text ?? '')),
      );
      const { fill, text } = colourOf(palette, MEASURES.difference, changeOf(one) / most);
      node.style.backgroundColor = fill;
      node.style.color = text;
      return node;
    }),
  );
}

/** The tokens that changed most, with numbers. */
function table(report: HeadsOffReport, tokens: readonly Token[]): HTMLElement {
  const most = [...report.tokens]
    .sort((one, other) => Math.abs(changeOf(other)) - Math.abs(changeOf(one)))
    .slice(0, MOST_LISTED);
  const head = ['token', 'before', 'after', 'change', 'likeliest'] as const;
  return el(
    'table',
    { class: 'changed-table' },
    el('caption', {}, say('webview.off.table')),
    el('thead', {}, el('tr', {}, ...head.map((name) => el('th', {}, say(`webview.off.column.${name}`))))),
    el(
      'tbody',
      {},
      ...most.map((one) =>
        el(
          'tr',
          {},
          el('th', {}, el('bdi', {}, tokenLabel(tokens[one.index]))),
          el('td', {}, number(one.before)),
          el('td', {}, number(one.after)),
          el('td', {}, number(changeOf(one))),
          el('td', {}, el('bdi', {}, tokenLabel(one.likeliest))),
        ),
      ),
    ),
  );
}

/** What the model writes instead, with what is new in it marked. */
function rewritten({ written }: HeadsOffReport, state: AppState): Node {
  const from = state.snapshot ? generatedFrom(state.snapshot) : 0;
  const before = tokensOf(state.snapshot, 'target').slice(from);
  const isNew = changedTokens(
    before.map(({ id }) => id),
    written.map(({ id }) => id),
  );
  const isSame = before.length === written.length && !isNew.includes(true);
  const text = written.map((token, at) => {
    const shown = token.special ? tokenLabel(token) : token.text;
    return isNew[at] === true ? el('mark', {}, el('bdi', {}, shown)) : el('bdi', {}, shown);
  });
  return el(
    'div',
    {},
    el('p', { class: 'sequence-label' }, say(isSame ? 'webview.off.sameText' : 'webview.off.otherText')),
    ...(isSame ? [] : [el('p', { class: 'changed-text' }, ...text)]),
  );
}

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
    const tokens = tokensOf(state.snapshot, report.sequence);
    const mean = (of: (one: ChangedToken) => number): number =>
      report.tokens.reduce((sum, one) => sum + of(one), 0) / report.tokens.length;
    const sentence = say('webview.off.mean', {
      before: number(mean(({ before }) => before)),
      after: number(mean(({ after }) => after)),
      change: number(mean(changeOf)),
    });
    body.replaceChildren(
      el('p', {}, sentence),
      coloured(report, tokens, state.palette),
      ...(report.written.length > 0 ? [rewritten(report, state)] : []),
      table(report, tokens),
      el('p', { class: 'hint' }, say('webview.off.caveat')),
    );
  });
  return element;
});
