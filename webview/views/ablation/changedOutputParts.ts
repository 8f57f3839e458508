/** An output beside what it becomes without something: its coloured tokens, those that change most, and what is written instead. */
import type { Token } from '../../../src/attention/types';
import { MEASURES } from '../../../src/measure/measure';
import { exactNumber } from '../../../src/measure/numbers';
import type { ChangedToken, OutputChange } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { tokenLabel } from '../../format';
import { generatedFrom, tokensOf, type AppState } from '../../state/appState';
import { changedTokens } from '../../state/shown/changedText';
import { colourOf, type Palette } from '../../theme';

/** So many of the tokens that change most stand in the table. */
const MOST_LISTED = 6;
/** A change of less than this, in nats, is no colour. */
const LEAST_SCALE = 0.05;

/** A number of nats, as the views of changes write it. */
export const nats = (value: number): string => exactNumber(value, MEASURES.difference);
const changeOf = ({ before, after }: ChangedToken): number => after - before;

/** The mean log probability before and after, and the change, as gaps of a sentence. */
export function meansOf({ tokens }: OutputChange): Readonly<Record<'before' | 'after' | 'change', string>> {
  const mean = (of: (one: ChangedToken) => number): string =>
    nats(tokens.reduce((sum, one) => sum + of(one), 0) / tokens.length);
  return { before: mean(({ before }) => before), after: mean(({ after }) => after), change: mean(changeOf) };
}

/** The output's tokens, coloured by how much less (or more) likely each became. */
export function colouredOutput(change: OutputChange, tokens: readonly Token[], palette: Palette): HTMLElement {
  const most = change.tokens.reduce((all, one) => Math.max(all, Math.abs(changeOf(one))), LEAST_SCALE);
  return el(
    'p',
    { class: 'changed-text', aria: { label: say('webview.change.coloured') } },
    ...change.tokens.map((one) => {
      const token = tokens[one.index];
      const isOther = one.likeliest.id !== token?.id;
      const node = el(
        'span',
        {
          class: isOther ? 'changed-token other' : 'changed-token',
          title: say('webview.change.token', {
            token: tokenLabel(token),
            before: nats(one.before),
            after: nats(one.after),
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

/** The tokens that changed most, with numbers. @param whole what the column before the change is called */
export function changeTable(change: OutputChange, tokens: readonly Token[], whole: string): HTMLElement {
  const most = [...change.tokens]
    .sort((one, other) => Math.abs(changeOf(other)) - Math.abs(changeOf(one)))
    .slice(0, MOST_LISTED);
  const head = [
    say('webview.change.column.token'),
    whole,
    say('webview.change.column.after'),
    say('webview.change.column.change'),
    say('webview.change.column.likeliest'),
  ];
  const rows = most.map((one) => [
    el('bdi', {}, tokenLabel(tokens[one.index])),
    nats(one.before),
    nats(one.after),
    nats(changeOf(one)),
    el('bdi', {}, tokenLabel(one.likeliest)),
  ]);
  return changedTable(say('webview.change.table'), head, rows);
}

/** A table of what was before and after; the first cell of each row names what it is about. */
export function changedTable(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly (string | HTMLElement)[])[],
): HTMLElement {
  const row = ([name = '', ...cells]: readonly (string | HTMLElement)[]): HTMLElement =>
    el('tr', {}, el('th', {}, name), ...cells.map((cell) => el('td', {}, cell)));
  return el(
    'table',
    { class: 'changed-table' },
    el('caption', {}, caption),
    el('thead', {}, el('tr', {}, ...head.map((name) => el('th', {}, name)))),
    el('tbody', {}, ...rows.map(row)),
  );
}

/** What the model writes instead, with what is new in it marked; nothing of models that do not write. */
export function rewrittenText({ written }: OutputChange, state: AppState): readonly Node[] {
  if (written.length === 0) return [];
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
  return [
    el('p', { class: 'sequence-label' }, say(isSame ? 'webview.change.sameText' : 'webview.change.otherText')),
    ...(isSame ? [] : [el('p', { class: 'changed-text rewritten' }, ...text)]),
  ];
}
