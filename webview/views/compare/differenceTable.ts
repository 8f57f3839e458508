/** The words whose numbers differ most from the pinned ones, with both numbers. */
import { exactNumber } from '../../../src/measure/numbers';
import { say } from '../../../src/text/say';
import { axisIn } from '../../axes/axis';
import { el } from '../../dom';
import { strongest } from '../../state/shown/shownWeights';
import { colourOf } from '../../theme';
import { changedTable } from '../ablation/changedOutputParts';
import { view } from '../view';

/** So many words stand in the table. */
const MOST_ROWS = 8;

export const differenceTable = view((app, scope) => {
  const { state, beside } = app;
  const element = el('div', { class: 'difference' });
  if (!beside) return element;
  scope.draw(() => {
    const rows = state.pinned && state.view.compare.difference ? beside.compared : 'waiting';
    element.hidden = rows === 'waiting' || 'gap' in rows;
    if (rows === 'waiting' || 'gap' in rows) return;
    const { now, pinned, measure, difference, scale } = rows;
    const { items } = axisIn(state, now.sequence);
    const others = axisIn(beside.state, now.sequence).items;
    const { matching } = rows;
    const most = strongest(
      difference,
      items.map((_, at) => ({ special: now.isHidden(at) })),
      true,
      MOST_ROWS,
    );
    // Two readings that are the same have no words that differ most.
    element.hidden = most.length === 0;
    element.replaceChildren(
      changedTable(
        say('webview.compare.table'),
        [
          say('webview.compare.column.word'),
          say('webview.compare.column.now'),
          say('webview.compare.column.pinned'),
          say('webview.compare.column.difference'),
        ],
        most.map(({ index, value }) => {
          const partner = matching.toOther[index] ?? -1;
          const [own, theirs] = [items[index]?.label ?? '', others[partner]?.label ?? ''];
          const isSame = matching.isSame[index] === 1;
          const cell = el('span', { class: 'difference-number' }, exactNumber(value, measure));
          const colour = colourOf(state.palette, measure, value * scale);
          cell.style.backgroundColor = colour.fill;
          cell.style.color = colour.text;
          return [
            el('bdi', {}, isSame ? own : say('webview.compare.instead', { now: own, pinned: theirs })),
            exactNumber(now.values[index] ?? 0, now.measure),
            exactNumber(pinned.values[partner] ?? 0, pinned.measure),
            cell,
          ];
        }),
      ),
    );
  });
  return element;
});
