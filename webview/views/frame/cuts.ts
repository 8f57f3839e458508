/** Which numbers of a row are shown, and whether what is left is renormalised. */
import type { RowCut } from '../../../src/attention/types';
import { MEASURES } from '../../../src/measure/measure';
import { say } from '../../../src/text/say';
import { checkbox } from '../../controls/checkbox';
import { decimalField } from '../../controls/decimalField';
import { dropdown } from '../../controls/dropdown';
import { el } from '../../dom';
import { view } from '../view';

const TYPES = ['all', 'mass', 'least'] as const;
/** Where a cut begins when it is chosen. */
const FIRST: Readonly<Record<(typeof TYPES)[number], RowCut>> = {
  all: { type: 'all' },
  mass: { type: 'mass', share: 0.9 },
  least: { type: 'least', size: 0.05 },
};

export const cutControls = view((app, scope) => {
  const which = dropdown(say('webview.cut.label'), (index) => app.setView({ cut: FIRST[TYPES[index] ?? 'all'] }));
  which.element.classList.add('picker-cut');
  const share = decimalField(say('webview.cut.share'), (value) =>
    app.setView({ cut: { type: 'mass', share: value / 100 } }),
  );
  const size = decimalField(say('webview.cut.size'), (value) => app.setView({ cut: { type: 'least', size: value } }));
  const percent = el('span', { class: 'unit', aria: { hidden: true } }, '%');
  const renormalise = checkbox(say('webview.cut.renormalise'), say('webview.cut.renormaliseTitle'), (checked) =>
    app.setView({ renormalise: checked }),
  );
  renormalise.element.classList.add('renormalise');
  scope.draw(() => {
    const { cut, renormalise: isOn, hideSpecial, kind, measure } = app.state.view;
    which.set([say('webview.cut.all'), say('webview.cut.mass'), say('webview.cut.least')], TYPES.indexOf(cut.type));
    share.element.hidden = cut.type !== 'mass';
    percent.hidden = cut.type !== 'mass';
    size.element.hidden = cut.type !== 'least';
    if (cut.type === 'mass') share.set(Math.round(cut.share * 1000) / 10, 50, 100, 1);
    if (cut.type === 'least') size.set(cut.size, 0, 1, 0.01);
    renormalise.set(isOn);
    // There is something to renormalise only where something is left out; while it is on, the switch stays in sight.
    renormalise.element.hidden = !isOn && (!MEASURES[measure].shares || (cut.type === 'all' && !hideSpecial[kind]));
    renormalise.element.classList.toggle('on', isOn);
  });
  return el(
    'span',
    { class: 'cuts', role: 'group', aria: { label: say('webview.cut.group') } },
    which.element,
    share.element,
    percent,
    size.element,
    renormalise.element,
  );
});
