/** The line that says where the two readings part most, or why that cannot be said; and in which heads. */
import { headWithin } from '../../../src/measure/rows';
import { layerNumber } from '../../../src/attention/layers';
import { exactNumber } from '../../../src/measure/numbers';
import { say } from '../../../src/text/say';
import { axisIn } from '../../axes/axis';
import type { PinnedBeside } from '../../state/pinned/beside';
import { button } from '../../controls/button';
import { el, numberUnder, setText } from '../../dom';
import { focusRole, kindInfo, type AppState } from '../../state/appState';
import { placeName } from '../../state/shown/names';
import { pinnedHeads } from '../../state/pinned/pinnedView';
import { view } from '../view';

/** So many of the heads that part most are named. */
const MOST_HEADS = 5;
/** Maps travel as bytes: more digits than these of their numbers would be made up. */
const about = (value: number): string => value.toFixed(2);

/** What the line says; `at` is the first token of the word that it is about, where there is one to look at. */
interface PartingLine {
  readonly text: string;
  readonly at?: number | undefined;
}

/** Where the maps on show part most; '' where they do not, or are still on their way. */
function partsAt(shown: AppState, { parting: found, state: pinned, matchings }: PinnedBeside): PartingLine {
  const info = kindInfo(shown.snapshot, shown.view.kind);
  const query = info && found && axisIn(shown, info.queries).items[found.query];
  const key = info && found && axisIn(shown, info.keys).items[found.key];
  if (!query || !key) return { text: '' };
  const matching = matchings[info.keys];
  const partner = axisIn(pinned, info.keys).items[matching.toOther[found.key] ?? -1];
  const isSame = matching.isSame[found.key] === 1 || !partner;
  const text = say('webview.compare.partsAt', {
    query: query.label,
    key: isSame ? key.label : say('webview.compare.instead', { now: key.label, pinned: partner.label }),
    noun: say(shown.measure.shown.noun),
    now: about(found.now),
    pinned: about(found.beside),
  });
  return { text, at: query.tokens[0] };
}

function lineOf(shown: AppState, beside: PinnedBeside): PartingLine {
  if (!beside.state.snapshot) return { text: '' };
  const { compared } = beside;
  if (compared !== 'waiting' && 'gap' in compared) return { text: compared.gap };
  const found = partsAt(shown, beside);
  if (found.text !== '' || compared === 'waiting') return found;
  const isAlike = compared.difference.every((value) => value === 0 || Number.isNaN(value));
  return isAlike ? { text: say('webview.compare.alike') } : found;
}

export const partingNote = view((app, scope) => {
  const { state, beside } = app;
  const text = el('span', { class: 'parting-text' });
  const there = button({
    label: say('webview.compare.lookThere'),
    icon: 'target',
    title: say('webview.compare.lookThereTitle'),
    press: () => {
      const info = kindInfo(state.snapshot, state.view.kind);
      if (info && at !== undefined) app.lock({ sequence: info.queries, index: at }, false);
    },
  });
  const heads = el('div', { class: 'heads-apart' });
  const element = el('div', { class: 'parting' }, el('p', { class: 'parting-line' }, text, ' ', there.element), heads);
  if (!beside) return element;
  let at: number | undefined;

  scope.draw(() => {
    const line = lineOf(state, beside);
    ({ at } = line);
    setText(text, line.text);
    const { focus } = state;
    // Where it is locked already, another press would free it.
    there.element.hidden = at === undefined || (focus?.locked === true && focus.indices.includes(at));
    element.hidden = line.text === '';
  });
  scope.draw(() => {
    const role = focusRole(state);
    const numbers = pinnedHeads(state) === 'shown' && state.pinned ? beside.headsApart : undefined;
    heads.hidden = !role || !numbers;
    if (!role || !numbers) {
      heads.replaceChildren();
      return;
    }
    const { info } = role;
    const most = [...numbers.keys()]
      .sort((one, other) => (numbers[other] ?? 0) - (numbers[one] ?? 0))
      .slice(0, MOST_HEADS);
    const chosen = headWithin(info, state.view);
    heads.replaceChildren(
      el('span', { class: 'hint' }, say('webview.compare.headsApart')),
      ...most.map((place) => {
        const [layer, head] = [Math.floor(place / info.heads), place % info.heads];
        const size = exactNumber(numbers[place] ?? 0, { signed: false });
        const isChosen = layer === chosen.layer && head === chosen.head;
        return el(
          'button',
          {
            class: 'head-apart',
            data: { place },
            aria: { pressed: isChosen },
            title: say('webview.compare.headApartTitle', { place: placeName({ layer, head }, info), size }),
          },
          say('webview.compare.headApart', { layer: layerNumber(info, layer), head: head + 1, size }),
        );
      }),
    );
  });
  scope.listen(heads, 'click', (event) => {
    const place = numberUnder(event, 'place');
    const info = focusRole(state)?.info;
    if (place !== undefined && info) app.pickHead(Math.floor(place / info.heads), place % info.heads);
  });
  return element;
});
