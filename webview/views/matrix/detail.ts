/** The chosen head large: as a matrix, or as lines. */
import type { App } from '../../state/app';
import { dropdown } from '../../controls/dropdown';
import { el, setText } from '../../dom';
import { headName, layerName } from '../../format';
import { kindInfo } from '../../state/appState';
import { heatView } from './heat';
import { linesView } from './lines';
import { section } from '../frame/section';

const WAYS = ['matrix', 'lines'] as const;

export function detailView(app: App): HTMLElement {
  const heat = heatView(app);
  const which = el('span', { class: 'section-note' });
  const way = dropdown('How this head is drawn', (index) => app.setDetail(WAYS[index] ?? 'matrix'));
  const { element, body } = section('This head', which, el('span', { class: 'spacer' }), ...heat.tools, way.element);
  element.classList.add('detail');
  body.append(heat.element, linesView(app));
  app.store.watch(
    ({ detail, view, snapshot }) => [detail, view.layer, view.head, kindInfo(snapshot, view.kind)] as const,
    ([detail, layer, head, info]) => {
      way.set(['Matrix', 'Lines'], WAYS.indexOf(detail));
      for (const tool of heat.tools) tool.hidden = detail !== 'matrix';
      setText(which, `${layerName(layer, info)}, ${headName(head).toLowerCase()}`);
    },
  );
  return element;
}
