/** The chosen map large: as a matrix, or as lines. */
import type { MapMatrix } from '../../../src/attention/types';
import { say, type PlainKey } from '../../../src/text/say';
import { dropdown } from '../../controls/dropdown';
import { el, setText } from '../../dom';
import { kindInfo } from '../../state/appState';
import { mapName } from '../../state/shown/names';
import { section } from '../frame/section';
import { view } from '../view';
import { heatView } from './heat';
import { linesView } from './lines';

const WAYS = ['matrix', 'lines'] as const;

/** The heading's key: it says whether the numbers are of one head, several, a layer's heads together, or all layers up to one (rollout). */
function headingKey({ measure, source }: MapMatrix): PlainKey {
  if (measure === 'contribution') return 'webview.detail.thisLayer';
  switch (source.type) {
    case 'head':
      return 'webview.detail.title';
    case 'heads':
      return 'webview.detail.theseHeads';
    case 'rollout':
      return 'webview.detail.allLayers';
  }
}

export const detailView = view((app, scope) => {
  const { state } = app;
  const which = el('span', { class: 'section-note' });
  const tools = el('span', { class: 'heat-tools' });
  const way = dropdown(say('webview.detail.how'), (index) => app.setDetail(WAYS[index] ?? 'matrix'));
  const { element, heading, body } = section(
    say('webview.detail.title'),
    which,
    el('span', { class: 'spacer' }),
    tools,
    way.element,
  );
  element.classList.add('detail');
  scope.mount(heatView(tools), body);
  scope.mount(linesView, body);
  scope.draw(() => {
    const { detail, map, snapshot } = state;
    // Before the first token is written cross-attention has no row: there is nothing to draw.
    element.hidden = map === null || map.queries === 0 || map.keys === 0;
    setText(heading, say(map ? headingKey(map) : 'webview.detail.title'));
    way.set([say('webview.detail.matrix'), say('webview.detail.lines')], WAYS.indexOf(detail));
    tools.hidden = detail !== 'matrix';
    // The heading names the map that is drawn: the chosen head's may still be on its way.
    const name = map ? mapName(map, kindInfo(snapshot, map.kind)) : '';
    if (map)
      setText(which, map.sifted?.sieve.renormalise === true ? say('webview.cut.renormalised', { map: name }) : name);
  });
  return element;
});
