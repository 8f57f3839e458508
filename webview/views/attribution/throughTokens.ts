/** What comes through each token: the tokens of the keys coloured by it, and the strongest single links of each sign. */
import { keySums, strongestEdges } from '../../../src/measure/attribution/attributedKeys';
import type { AttributedKind, HeadRef } from '../../../src/attention/types';
import type { AttributionReport } from '../../../src/protocol/engine';
import { say } from '../../../src/text/say';
import { el } from '../../dom';
import { tokenLabel } from '../../format';
import { kindsOf, tokensOf, type AppState } from '../../state/appState';
import { kindName, placeName } from '../../state/shown/names';
import { scaleOf, signedNumber, tint } from './signedCell';

/** So many links of each sign stand in the lists. */
const MOST_LINKS = 8;

/** One head of a kind, as a kind of one head; all of it where none is chosen. Undefined where another kind's head is chosen. */
function narrowed(kind: AttributedKind, head: HeadRef | null): AttributedKind | undefined {
  if (!head) return kind;
  if (head.kind !== kind.kind) return undefined;
  const values = new Float32Array(kind.values.length);
  const from = (head.layer * kind.heads + head.head) * kind.keys;
  values.set(kind.values.subarray(from, from + kind.keys), from);
  return { ...kind, values };
}

type TokensShown = Pick<AppState, 'snapshot' | 'palette'>;

function colouredKeys(kind: AttributedKind, head: HeadRef | null, { snapshot, palette }: TokensShown): HTMLElement {
  const info = kindsOf(snapshot).find((one) => one.kind === kind.kind);
  const sequence = info?.keys ?? 'target';
  const tokens = tokensOf(snapshot, sequence);
  const sums = keySums(kind);
  const scale = scaleOf(sums);
  const gaps = { kind: kindName(kind.kind) };
  const title = head
    ? say('webview.attribution.throughHead', { ...gaps, place: placeName(head, info) })
    : say('webview.attribution.through', gaps);
  const nodes = Array.from(sums, (value, index) => {
    const token = tokens[index];
    const name = say('webview.attribution.throughToken', { token: tokenLabel(token), number: signedNumber(value) });
    const shown = token?.special === true ? tokenLabel(token) : (token?.text ?? '');
    return tint(
      el('span', { class: 'changed-token', title: name, data: { sequence, index } }, el('bdi', {}, shown)),
      palette,
      scale,
      value,
    );
  });
  return el(
    'div',
    {},
    el('p', { class: 'sequence-label' }, title),
    el('p', { class: 'changed-text', role: 'group', aria: { label: title } }, ...nodes),
  );
}

function linkTable(kinds: readonly AttributedKind[], sign: 1 | -1, { snapshot, palette }: TokensShown): HTMLElement {
  const links = strongestEdges(kinds, sign, MOST_LINKS);
  // One scale for both lists: it ends at the strongest link of either sign.
  const scale = scaleOf([...strongestEdges(kinds, 1, 1), ...strongestEdges(kinds, -1, 1)].map(({ value }) => value));
  const infos = kindsOf(snapshot);
  const rows = links.map((link) => {
    const info = infos.find(({ kind }) => kind === link.kind);
    const sequence = info?.keys ?? 'target';
    const place = say('webview.attribution.edgePlace', {
      kind: kindName(link.kind),
      place: placeName(link, info),
    });
    return el(
      'tr',
      { data: { sequence, index: link.key } },
      el('th', {}, el('bdi', {}, tokenLabel(tokensOf(snapshot, sequence)[link.key]))),
      el('td', {}, place),
      tint(el('td', { class: 'number' }, signedNumber(link.value)), palette, scale, link.value),
    );
  });
  const head = ['webview.attribution.edgeToken', 'webview.attribution.edgeHead', 'webview.attribution.adds'] as const;
  return el(
    'table',
    { class: 'attribution-links' },
    el('caption', {}, say(sign > 0 ? 'webview.attribution.most' : 'webview.attribution.least')),
    el('thead', {}, el('tr', {}, ...head.map((key) => el('th', {}, say(key))))),
    el('tbody', {}, ...(rows.length > 0 ? rows : [el('tr', {}, el('td', {}, say('webview.attribution.noEdge')))])),
  );
}

/** @param head the one that is looked at alone; null for all */
export function throughTokens(report: AttributionReport, head: HeadRef | null, shown: TokensShown): readonly Node[] {
  const kinds = report.kinds.flatMap((kind) => narrowed(kind, head) ?? []);
  return [
    ...kinds.map((kind) => colouredKeys(kind, head, shown)),
    el('div', { class: 'attribution-lists' }, linkTable(kinds, 1, shown), linkTable(kinds, -1, shown)),
  ];
}
