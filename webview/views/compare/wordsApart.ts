/** Which words of the two texts are others, and what is written in one of them only: where the texts themselves part. */
import type { SequenceName } from '../../../src/attention/types';
import { hasPartners } from '../../../src/measure/compare/matching';
import { isWord } from '../../../src/measure/units';
import { listOf } from '../../../src/text/listInSentence';
import { say } from '../../../src/text/say';
import { axisIn, type AxisItem } from '../../axes/axis';
import { el, setText } from '../../dom';
import type { AppState } from '../../state/appState';
import type { PinnedBeside } from '../../state/pinned/beside';
import { view } from '../view';

/** More words than these are counted, not named. */
const NAMED = 6;

const labelsOf = (items: readonly AxisItem[], partners: Int32Array): readonly string[] =>
  items.flatMap(({ label, unit }, at) => (isWord(unit) && partners[at] === -1 ? [label] : []));

/** Words of one sequence that differ: `tired / wide` where one stands in another's place. */
function apartIn(shown: AppState, beside: PinnedBeside, sequence: SequenceName): readonly string[] {
  const matching = beside.matchings[sequence];
  if (!hasPartners(matching)) return [];
  const now = axisIn(shown, sequence).items;
  const pinned = axisIn(beside.state, sequence).items;
  const replaced = now.flatMap(({ label }, at) => {
    const partner = pinned[matching.toOther[at] ?? -1];
    return partner && matching.isSame[at] === 0
      ? [say('webview.compare.instead', { now: label, pinned: partner.label })]
      : [];
  });
  return [
    ...replaced,
    ...labelsOf(now, matching.toOther).map((word) => say('webview.compare.wordNow', { word })),
    ...labelsOf(pinned, matching.toOne).map((word) => say('webview.compare.wordPinned', { word })),
  ];
}

export const wordsApart = view((app, scope) => {
  const { state, beside } = app;
  const element = el('p', { class: 'hint words-apart' });
  if (!beside) return element;
  scope.draw(() => {
    const isOther = state.pinned !== null && beside.state.snapshot !== null && state.pinned.id !== state.snapshot?.id;
    const words = isOther ? (['source', 'target'] as const).flatMap((one) => apartIn(state, beside, one)) : [];
    element.hidden = words.length === 0;
    const named = listOf(words.slice(0, NAMED));
    const more = words.length - NAMED;
    setText(
      element,
      more > 0
        ? say('webview.compare.moreWordsApart', { words: named, more })
        : say('webview.compare.wordsApart', { words: named }),
    );
  });
  return element;
});
