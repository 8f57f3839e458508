/** Layers × heads of one kind, each cell what the head adds, with the feed-forward parts as a last column where they are the stack's. */
import { headSums } from '../../../src/measure/attribution/attributedKeys';
import type { AttributedKind, KindInfo } from '../../../src/attention/types';
import { shortNumber } from '../../../src/measure/numbers';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { layerName } from '../../format';
import { kindName, placeName } from '../../state/shown/names';
import type { Palette } from '../../theme';
import type { Measure } from '../../../src/measure/measure';
import { signedNumber, tint } from './signedCell';

/** @param feedForward what the feed-forward part of each layer adds; undefined for a kind that stands beside another one in its layers */
export function partGrid(
  kind: AttributedKind,
  info: KindInfo | undefined,
  feedForward: Float32Array | undefined,
  scale: Measure,
  palette: Palette,
): HTMLElement {
  const { layers, heads } = kind;
  const sums = headSums(kind);
  // As in the heads' grid the cell's name is what is seen; its headers say which head it is, and its title all of it.
  const cell = (value: number, name: string, data: Readonly<Record<string, string | number>>): HTMLElement =>
    tint(
      el(
        'td',
        { class: 'attribution-cell number', role: 'gridcell', tabIndex: -1, data, title: name },
        shortNumber(value, scale),
      ),
      palette,
      scale,
      value,
    );
  const rows = Array.from({ length: layers }, (_, layer) => {
    const own = Array.from({ length: heads }, (_head, head) => {
      const value = sums[layer * heads + head] ?? 0;
      const place = placeName({ layer, head }, info);
      const name = say('webview.attribution.cell', { place, number: signedNumber(value) });
      return cell(value, name, { row: layer, column: head, kind: kind.kind });
    });
    const outer = feedForward?.[layer];
    const layerTitle = layerName(layer, info);
    if (outer !== undefined) {
      const name = say('webview.attribution.ffCell', { layer: layerTitle, number: signedNumber(outer) });
      const last = cell(outer, name, { row: layer, column: heads, kind: kind.kind });
      last.classList.add('feed-forward');
      own.push(last);
    }
    return el('tr', { role: 'row' }, el('th', { role: 'rowheader' }, layerTitle), ...own);
  });
  const head = [
    say('webview.attribution.layer'),
    ...Array.from({ length: heads }, (_, at) => String(at + 1)),
    ...(feedForward ? [say('webview.attribution.ff')] : []),
  ];
  const name = say('webview.attribution.grid', { kind: kindName(kind.kind) });
  const first = rows[0]?.querySelector<HTMLElement>('.attribution-cell');
  if (first) first.tabIndex = 0;
  return el(
    'div',
    { class: 'attribution-grid' },
    el('p', { class: 'sequence-label' }, name),
    el(
      'div',
      { class: 'scroller' },
      el(
        'table',
        { class: 'attribution-table', role: 'grid', aria: { label: name } },
        el('thead', {}, el('tr', { role: 'row' }, ...head.map((title) => el('th', { role: 'columnheader' }, title)))),
        el('tbody', {}, ...rows),
      ),
    ),
  );
}
