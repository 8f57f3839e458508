/** The output beside what it is without the heads that are switched off and the links that are cut. */
import { layerNumber } from '../../../src/attention/layers';
import type { Knockout, SequenceName } from '../../../src/attention/types';
import { unitsOf, unitsWith } from '../../../src/measure/units';
import { say } from '../../../src/text/say';
import { button } from '../../controls/button';
import { el, icon, numberUnder, setText } from '../../dom';
import { tokenLabel } from '../../format';
import { kindInfo, shownAxis, tokensOf, type AppState, isBusy } from '../../state/appState';
import { keptLinks, linksOf } from '../../state/shown/cutLinks';
import { kindName, placeName } from '../../state/shown/names';
import { isScored } from '../../state/shown/scoredBy';
import { section } from '../frame/section';
import { view } from '../view';
import { answerChange } from './answerChange';
import { changeTable, colouredOutput, meansOf, rewrittenText } from './changedOutputParts';

/** Where a link is cut: one head, a layer's, or all. */
function placeOf({ kind, layer, head }: Knockout, state: AppState): string {
  const info = kindInfo(state.snapshot, kind);
  if (layer < 0) return say('webview.links.everywhere');
  return head < 0 ? say('webview.links.layer', { layer: layerNumber(info, layer) }) : placeName({ layer, head }, info);
}

/** `“tired” → “animal”: encoder self-attention, layer 2, head 1` */
function linkName(link: Knockout, state: AppState): string {
  const info = kindInfo(state.snapshot, link.kind);
  const words = (sequence: SequenceName, tokens: readonly number[]): string => {
    const units = unitsOf(tokensOf(state.snapshot, sequence), shownAxis(state));
    return unitsWith(units, tokens)
      .map((at) => tokenLabel(units[at]))
      .join(' ');
  };
  return say('webview.links.name', {
    from: words(info?.queries ?? 'source', link.queries),
    to: words(info?.keys ?? 'source', link.keys),
    kind: kindName(link.kind),
    place: placeOf(link, state),
  });
}

function linkList(links: readonly Knockout[], state: AppState): HTMLElement {
  return el(
    'ul',
    { class: 'cut-links', aria: { label: say('webview.links.list') } },
    ...links.map((link, index) => {
      const name = linkName(link, state);
      const label = say('webview.links.join', { link: name });
      return el(
        'li',
        {},
        el('bdi', {}, name),
        el('button', { class: 'cut-link', data: { link: index }, title: label, aria: { label } }, icon('discard')),
      );
    }),
  );
}

/** What is missing: so many heads, so many links. */
function missing(heads: number, links: number): string {
  const ofHeads = heads === 1 ? say('webview.off.oneHead') : say('webview.off.heads', { count: heads });
  const ofLinks = links === 1 ? say('webview.links.one') : say('webview.links.many', { count: links });
  return [...(heads > 0 ? [ofHeads] : []), ...(links > 0 ? [ofLinks] : [])].join(', ');
}

export const headsOffView = view((app, scope) => {
  const { state } = app;
  const note = el('span', { class: 'section-note', role: 'status' });
  const back = button({
    label: say('webview.off.allOn'),
    icon: 'discard',
    press: () => app.setView({ off: [], cutLinks: null }),
  });
  const explain = button({
    label: say('webview.off.explain'),
    icon: 'split-horizontal',
    title: say('webview.off.explainTitle'),
    press: () => {
      const { off, leave } = state.view;
      app.intervene({ ranges: [], manner: leave.manner, off });
    },
  });
  const { element, body } = section(say('webview.off.title'), note, el('span', { class: 'spacer' }), back.element);
  body.before(el('div', { class: 'head-switches' }, explain.element));
  element.classList.add('heads-off');
  scope.draw(() => {
    const { off } = state.view;
    const links = linksOf(state.view, state.snapshot);
    element.hidden = off.length + links.length === 0;
    if (element.hidden) return;
    // A cut link is none of a head's own.
    explain.element.hidden = off.length === 0;
    explain.enable(state.snapshot !== null && !isBusy(state.snapshot));
    const report = state.without;
    back.setLabel(say(links.length > 0 ? 'webview.links.allBack' : 'webview.off.allOn'));
    const heads = missing(off.length, links.length);
    const { snapshot } = state;
    const waiting = snapshot && !isScored(snapshot) ? 'webview.off.noScore' : 'webview.off.computing';
    setText(note, report ? heads : say(waiting, { heads }));
    const list = links.length > 0 ? [linkList(links, state)] : [];
    if (!report) {
      body.replaceChildren(...list);
      return;
    }
    const before = say(links.length > 0 ? 'webview.links.before' : 'webview.off.column.before');
    if (report.answer) {
      body.replaceChildren(...list, ...answerChange(report.answer, state, before));
      return;
    }
    const tokens = tokensOf(state.snapshot, report.sequence);
    body.replaceChildren(
      ...list,
      el('p', {}, say(links.length > 0 ? 'webview.links.mean' : 'webview.off.mean', meansOf(report))),
      colouredOutput(report, tokens, state.palette),
      ...rewrittenText(report, state),
      changeTable(report, tokens, before),
      el('p', { class: 'hint' }, say(links.length > 0 ? 'webview.links.caveat' : 'webview.off.caveat')),
    );
  });
  scope.listen(body, 'click', (event) => {
    const index = numberUnder(event, 'link');
    const { snapshot, view: shown } = state;
    if (index === undefined || !snapshot) return;
    const links = linksOf(shown, snapshot).filter((_, at) => at !== index);
    app.setView({ cutLinks: keptLinks(links, snapshot) });
  });
  return element;
});
