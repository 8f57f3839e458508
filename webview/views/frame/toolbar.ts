/** Which attention is shown: kind, layer, head, heads taken together, measure, direction, scale, special tokens. */
import { MEASURE_NAMES, type KindInfo, type MapSource } from '../../../src/attention/types';
import { MEASURES } from '../../../src/measure/measure';
import { allHeads, ONE_HEAD, sourceKey } from '../../../src/measure/source';
import { say, type PlainKey } from '../../../src/text/say';
import { button } from '../../controls/button';
import { checkbox } from '../../controls/checkbox';
import { dropdown } from '../../controls/dropdown';
import { tabs } from '../../controls/tabs';
import { el, setText } from '../../dom';
import { headName, layerName } from '../../format';
import { kindInfo, kindsOf } from '../../state/appState';
import { kindName } from '../../state/names';
import { view, type View } from '../view';
import { legend } from './legend';

/** A model with one part only needs no word for which. */
function tabName(kinds: readonly KindInfo[], { kind }: KindInfo): string {
  if (kinds.length === 1 && kind === 'encoder') return say('webview.kind.onlyEncoder');
  if (kinds.length === 1 && kind === 'decoder') return say('webview.kind.onlyDecoder');
  return kindName(kind);
}

/** @param panelId the element that the tabs change */
export const kindTabs = (panelId: string): View =>
  view((app, scope) => {
    const control = tabs(say('webview.toolbar.kinds'), panelId, (id) => {
      const kind = kindsOf(app.state.snapshot).find((info) => info.kind === id)?.kind;
      if (kind) app.setView({ kind });
    });
    scope.draw(() => {
      const kinds = kindsOf(app.state.snapshot);
      control.element.hidden = kinds.length === 0;
      control.set(
        kinds.map((info) => ({
          id: info.kind,
          label: tabName(kinds, info),
          title: say(`webview.question.${info.kind}`),
        })),
        app.state.view.kind,
      );
    });
    return control.element;
  });

const PICKERS = {
  layer: {
    name: 'webview.toolbar.layer',
    previous: 'webview.toolbar.previousLayer',
    next: 'webview.toolbar.nextLayer',
  },
  head: { name: 'webview.toolbar.head', previous: 'webview.toolbar.previousHead', next: 'webview.toolbar.nextHead' },
} as const;

/** A head's name, with its key/value group where heads share keys and values. */
function headLabel({ heads, kvHeads }: KindInfo, head: number): string {
  if (kvHeads <= 0 || kvHeads >= heads) return headName(head);
  return say('webview.toolbar.headOfGroup', {
    head: headName(head),
    group: Math.floor(head / (heads / kvHeads)) + 1,
  });
}

const picker = (of: 'layer' | 'head'): View =>
  view((app, scope) => {
    const words = PICKERS[of];
    const choose = (value: number): void => app.setView(of === 'layer' ? { layer: value } : { head: value });
    const list = dropdown(say(words.name), choose);
    const step = (by: number) => (): void => choose(app.state.view[of] + by);
    const back = button({ label: say(words.previous), icon: 'chevron-left', iconOnly: true, press: step(-1) });
    const forth = button({ label: say(words.next), icon: 'chevron-right', iconOnly: true, press: step(1) });
    scope.draw(() => {
      const { snapshot, view: shown } = app.state;
      const info = kindInfo(snapshot, shown.kind);
      const length = (of === 'layer' ? info?.layers : info?.heads) ?? 0;
      const labels = Array.from({ length }, (_, index) =>
        of === 'head' && info ? headLabel(info, index) : layerName(index, info),
      );
      list.set(labels, shown[of]);
      back.enable(shown[of] > 0);
      forth.enable(shown[of] < length - 1);
    });
    return el(
      'div',
      { class: `picker picker-${of}`, role: 'group', aria: { label: say(words.name) } },
      back.element,
      list.element,
      forth.element,
    );
  });

const DIRECTIONS = ['to', 'from'] as const;

/** The sources that the list offers, for the chosen layer of a kind. */
function offeredSources(info: KindInfo | undefined, layer: number): readonly (readonly [PlainKey, MapSource])[] {
  const all = info ? allHeads(info) : [];
  const ofLayer = all.filter((place) => place.layer === layer);
  return [
    ['webview.source.head', ONE_HEAD],
    ['webview.source.layerMean', { type: 'heads', by: 'mean', heads: ofLayer }],
    ['webview.source.layerMax', { type: 'heads', by: 'max', heads: ofLayer }],
    ['webview.source.allMean', { type: 'heads', by: 'mean', heads: all }],
    ['webview.source.allMax', { type: 'heads', by: 'max', heads: all }],
  ];
}

/** What is measured, and of which heads. */
const mapPicker = view((app, scope) => {
  const offered = (): ReturnType<typeof offeredSources> => {
    const { snapshot, view: shown } = app.state;
    return offeredSources(kindInfo(snapshot, shown.kind), shown.layer);
  };
  const source = dropdown(say('webview.toolbar.source'), (index) =>
    app.setView({ source: offered()[index]?.[1] ?? ONE_HEAD }),
  );
  const measure = dropdown(say('webview.toolbar.measure'), (index) =>
    app.setView({ measure: MEASURE_NAMES[index] ?? 'weight' }),
  );
  source.element.classList.add('picker-source');
  measure.element.classList.add('picker-measure');
  scope.draw(() => {
    const { view: shown } = app.state;
    const sources = offered();
    source.set(
      sources.map(([name]) => say(name)),
      sources.findIndex(([, one]) => sourceKey(one) === sourceKey(shown.source)),
    );
    measure.set(
      MEASURE_NAMES.map((name) => say(MEASURES[name].title)),
      MEASURE_NAMES.indexOf(shown.measure),
    );
    measure.element.title = say(MEASURES[shown.measure].about);
  });
  return el('span', { class: 'map-picker' }, source.element, measure.element);
});

/** Sink mass and colour scale. */
const readings = view((app, scope) => {
  const sink = el('span', { class: 'sink', title: say('webview.toolbar.sinkTitle') });
  const element = el('span', { class: 'readings' }, sink);
  scope.mount(legend, element);
  scope.draw(() => {
    const { atlas, view: shown } = app.state;
    const mass = atlas?.sinkMass[shown.layer * atlas.heads + shown.head];
    setText(sink, mass === undefined ? '' : say('webview.toolbar.sink', { mass: mass.toFixed(2) }));
  });
  return element;
});

export const toolbar = view((app, scope) => {
  const direction = dropdown(say('webview.toolbar.direction'), (index) => app.setDirection(DIRECTIONS[index] ?? 'to'));
  const special = checkbox(say('webview.toolbar.hideSpecial'), say('webview.toolbar.hideSpecialTitle'), (checked) => {
    const { view: shown } = app.state;
    app.setView({ hideSpecial: { ...shown.hideSpecial, [shown.kind]: checked } });
  });
  const byRow = checkbox(say('webview.toolbar.byRow'), say('webview.toolbar.byRowTitle'), (checked) =>
    app.setView({ scale: checked ? 'row' : 'fixed' }),
  );
  scope.draw(() => {
    const { snapshot, view: shown } = app.state;
    const info = kindInfo(snapshot, shown.kind);
    special.set(shown.hideSpecial[shown.kind]);
    byRow.set(shown.scale === 'row');
    direction.element.hidden = info?.queries !== info?.keys;
    direction.set(
      [say('webview.lists.looksAt'), say('webview.lists.isLookedAtBy')],
      DIRECTIONS.indexOf(shown.direction),
    );
  });
  const element = el('div', { class: 'toolbar', role: 'toolbar', aria: { label: say('webview.toolbar.label') } });
  scope.mount(picker('layer'), element);
  scope.mount(picker('head'), element);
  scope.mount(mapPicker, element);
  element.append(direction.element, el('span', { class: 'toggles' }, special.element, byRow.element));
  scope.mount(readings, element);
  return element;
});
