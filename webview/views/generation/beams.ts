/** The beams of a search as a tree: where texts part, the score of each, and which one is on show. Any of them can be opened. */
import type { BeamReport } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { checkbox } from '../../controls/checkbox';
import { el, numberUnder, setText } from '../../dom';
import { count, textLabel } from '../../format';
import { section } from '../frame/section';
import { view } from '../view';
import { beamPath, beamRows, type BeamRow } from './beamRows';
import { isBusy } from '../../state/appState';

/** Rows deeper than this stand no further in. */
const DEEPEST = 12;
/** Pixels that a row stands in further than the one that it follows. */
const INDENT = 12;

const score = (value: number): string => value.toFixed(3).replace('-', '−');
const textOf = (tokens: BeamRow['tokens']): string => textLabel(tokens.map(({ text }) => text).join(''));

function markOf({ state, rank }: BeamRow, isDone: boolean): string {
  switch (state) {
    case 'ended':
      return say('webview.beams.rank', { rank });
    case 'running':
      return say(isDone ? 'webview.beams.unended' : 'webview.beams.running');
    case 'left':
      return say('webview.beams.left');
    case 'inner':
      return '';
  }
}

function rowNode(row: BeamRow, beams: BeamReport): HTMLElement {
  const mark = markOf(row, beams.isDone);
  const isShown = row.token === beams.opened;
  const text = el('bdi', { class: 'beam-text' }, textOf(row.tokens));
  const indent = `${INDENT * (Math.min(row.level, DEEPEST) - 1)}px`;
  text.style.paddingInlineStart = indent;
  text.style.backgroundSize = `${indent} 100%`;
  return el(
    'div',
    {
      class: `beam ${row.state}${isShown ? ' chosen' : ''}`,
      role: 'treeitem',
      tabIndex: -1,
      data: { beam: row.token },
      aria: { level: row.level, selected: isShown },
      title: say('webview.beams.whole', {
        text: textOf(beamPath(beams, row.token)),
        score: score(row.score),
        tokens: row.length,
      }),
    },
    text,
    el('span', { class: 'beam-mark' }, mark),
    el('span', { class: 'unseen' }, say('webview.beams.score')),
    el('span', { class: 'number' }, score(row.score)),
  );
}

export const beamsView = view((app, scope) => {
  const note = el('span', { class: 'beams-note' });
  const { element, body } = section(say('webview.beams.title'), note);
  const tree = el('div', { class: 'beams', role: 'tree', aria: { label: say('webview.beams.label') } });
  const hint = el('p', { class: 'hint' });
  let all = false;
  let rows: readonly BeamRow[] = [];
  /** Which row has the keyboard; -1 for the one on show. */
  let held = -1;
  let drawn: readonly [BeamReport | null, boolean] = [null, false];
  const given = checkbox('', say('webview.beams.aboutLeft'), (checked) => {
    all = checked;
    show();
  });
  const name = el('span');
  given.element.replaceChildren(name);
  body.append(tree, given.element, hint);

  const nodes = (): HTMLElement[] => [...tree.querySelectorAll<HTMLElement>('.beam')];
  const markHeld = (): void => {
    const { beams } = app.state.snapshot ?? {};
    const wanted = rows.findIndex(({ token }) => token === (held < 0 ? beams?.opened : held));
    nodes().forEach((node, at) => (node.tabIndex = at === Math.max(0, wanted) ? 0 : -1));
  };
  const show = (): void => {
    const beams = app.state.snapshot?.beams ?? null;
    element.hidden = !beams;
    if (!beams || (drawn[0] === beams && drawn[1] === all)) return;
    drawn = [beams, all];
    const hadFocus = tree.contains(document.activeElement);
    const { rows: next, left } = beamRows(beams, all);
    rows = next;
    tree.replaceChildren(...rows.map((row) => rowNode(row, beams)));
    markHeld();
    if (hadFocus)
      nodes()
        .find(({ tabIndex }) => tabIndex === 0)
        ?.focus();
    setText(note, say('webview.beams.note', { beams: beams.numBeams, steps: count(beams.depth) }));
    setText(name, say('webview.beams.showLeft', { left: count(left) }));
    given.element.hidden = left === 0;
    setText(hint, say('webview.beams.hint', { penalty: beams.lengthPenalty }));
  };
  scope.draw(show);
  scope.draw(() => {
    const { snapshot } = app.state;
    tree.setAttribute('aria-busy', String(snapshot !== null && isBusy(snapshot)));
  });

  const open = (token: number): void => {
    const { snapshot } = app.state;
    if (snapshot && !isBusy(snapshot) && snapshot.beams?.opened !== token) app.act(app.api.openBeam({ token }));
  };
  const move = (to: number): void => {
    const row = rows[to];
    if (!row) return;
    held = row.token;
    markHeld();
    const node = nodes()[to];
    node?.focus();
    node?.scrollIntoView({ block: 'nearest' });
  };
  scope.listen(tree, 'click', (event) => {
    const token = numberUnder(event, 'beam');
    if (token === undefined) return;
    move(rows.findIndex((row) => row.token === token));
    open(token);
  });
  scope.listen(tree, 'keydown', (event) => {
    const at = nodes().findIndex((node) => node === document.activeElement);
    const own = rows[at];
    if (!own) return;
    const before = rows.slice(0, at).findLastIndex(({ level }) => level < own.level);
    const under = (rows[at + 1]?.level ?? 0) > own.level ? at + 1 : at;
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      ArrowLeft: before,
      ArrowRight: under,
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    const opens = event.key === 'Enter' || event.key === ' ';
    if (to === undefined && !opens) return;
    event.preventDefault();
    if (opens) open(own.token);
    else move(to ?? at);
  });
  return element;
});
