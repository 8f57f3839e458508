/** Which attention is shown: kind, layer, head, heads taken together, measure, direction, scale, special tokens. */
import { readSentence } from '../../../src/attention/interventionName';
import { MEASURE_NAMES, type KindInfo, type MapSource } from '../../../src/attention/types';
import { MEASURES } from '../../../src/measure/measure';
import { lined, type PickedHeads } from '../../../src/measure/headSets';
import { ONE_HEAD, type HeadCounts } from '../../../src/measure/source';
import { hasWords } from '../../../src/measure/units';
import { say, type PlainKey } from '../../../src/text/say';
import { button } from '../../controls/button';
import { checkbox } from '../../controls/checkbox';
import { dropdown } from '../../controls/dropdown';
import { segmented } from '../../controls/segmented';
import { tabs } from '../../controls/tabs';
import { el, setText } from '../../dom';
import { headName, layerName } from '../../format';
import { isRowless, kindInfo, kindsOf, shownAxis, tokensOf } from '../../state/appState';
import { kindName } from '../../state/shown/names';
import { view, type View } from '../view';
import { pinButton } from '../compare/pinButton';
import { cutControls } from './cuts';
import { legend } from './legend';
import { measureNote } from './measureNote';

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
    const note = el('span', { class: 'section-note', role: 'status' });
    const element = el('div', { class: 'tab-row' }, control.element, note);
    scope.draw(() => {
      const { awaited } = app.state;
      setText(note, awaited === null ? '' : say('webview.kind.awaited', { kind: kindName(awaited) }));
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
    return element;
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
    const choose = (value: number): void => app.moveTo(of === 'layer' ? { layer: value } : { head: value });
    const list = dropdown(say(words.name), choose);
    const step = (by: number) => (): void => choose(app.state.view[of] + by);
    const back = button({ label: say(words.previous), icon: 'chevron-left', iconOnly: true, press: step(-1) });
    const forth = button({ label: say(words.next), icon: 'chevron-right', iconOnly: true, press: step(1) });
    const element = el(
      'div',
      { class: `picker picker-${of}`, role: 'group', aria: { label: say(words.name) } },
      back.element,
      list.element,
      forth.element,
    );
    scope.draw(() => {
      const { snapshot, view: shown, measure } = app.state;
      const info = kindInfo(snapshot, shown.kind);
      // A rollout, and a measure that takes a layer's heads together, are of no single head.
      element.hidden = of === 'head' && (shown.source.type === 'rollout' || measure.shown.name === 'contribution');
      const length = (of === 'layer' ? info?.layers : info?.heads) ?? 0;
      const labels = Array.from({ length }, (_, index) =>
        of === 'head' && info ? headLabel(info, index) : layerName(index, info),
      );
      list.set(labels, shown[of]);
      back.enable(shown[of] > 0);
      forth.enable(shown[of] < length - 1);
    });
    return element;
  });

const DIRECTIONS = ['to', 'from'] as const;

/** How heads are taken together. */
const WAYS = ['head', 'mean', 'max', 'rollout'] as const;
const WAY_NAMES: Readonly<Record<(typeof WAYS)[number], PlainKey>> = {
  head: 'webview.source.head',
  mean: 'webview.source.mean',
  max: 'webview.source.max',
  rollout: 'webview.source.rolloutName',
};

const wayOf = (source: MapSource): (typeof WAYS)[number] => (source.type === 'heads' ? source.by : source.type);

/** The chosen way over the heads that are picked; over the chosen head's layer where only that head is. */
function inWay(way: (typeof WAYS)[number], before: PickedHeads, counts: HeadCounts): PickedHeads {
  const { chosen, source } = before;
  switch (way) {
    case 'head':
      return { chosen, source: ONE_HEAD };
    case 'rollout':
      return { chosen, source: { type: 'rollout' } };
    case 'mean':
    case 'max': {
      const several = source.type === 'heads' ? before : lined(before, { layer: chosen.layer }, counts, false);
      return { chosen, source: several.source.type === 'heads' ? { ...several.source, by: way } : several.source };
    }
  }
}

/** What is measured, and of which heads. */
const mapPicker = view((app, scope) => {
  const source = dropdown(say('webview.toolbar.source'), (index) =>
    app.pickHeads((before, counts) => inWay(WAYS[index] ?? 'head', before, counts)),
  );
  const measure = dropdown(say('webview.toolbar.measure'), (index) =>
    app.setView({ measure: MEASURE_NAMES[index] ?? 'weight' }),
  );
  source.element.classList.add('picker-source');
  measure.element.classList.add('picker-measure');
  scope.draw(() => {
    const { view: shown, measure: made } = app.state;
    // A measure that takes a layer's heads together has no heads to choose from.
    source.element.hidden = made.shown.name === 'contribution';
    source.set(
      WAYS.map((way) => say(WAY_NAMES[way])),
      WAYS.indexOf(wayOf(shown.source)),
    );
    source.element.title = say('webview.toolbar.sourceTitle');
    measure.set(
      MEASURE_NAMES.map((name) => say(MEASURES[name].title)),
      MEASURE_NAMES.indexOf(made.chosen),
    );
    measure.element.title = say(MEASURES[made.chosen].about);
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
    const mass = atlas?.sinkMass[shown.layer * atlas.heads + Math.min(shown.head, atlas.heads - 1)];
    setText(sink, mass === undefined || isRowless(atlas) ? '' : say('webview.toolbar.sink', { mass: mass.toFixed(2) }));
  });
  return element;
});

/** Words or tokens. */
const axisSwitch = view((app, scope) => {
  const control = segmented(
    say('webview.axis.label'),
    [
      { value: 'words', label: say('webview.axis.words'), title: say('webview.axis.wordsTitle') },
      { value: 'tokens', label: say('webview.axis.tokens'), title: say('webview.axis.tokensTitle') },
    ] as const,
    (axis) => app.setView({ axis }),
  );
  scope.draw(() => {
    const { snapshot } = app.state;
    const has = hasWords(tokensOf(snapshot, 'source')) || hasWords(tokensOf(snapshot, 'target'));
    control.set(shownAxis(app.state), has);
    control.element.title = has ? '' : say('webview.axis.none');
  });
  return control.element;
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
  scope.mount(axisSwitch, element);
  scope.mount(picker('layer'), element);
  scope.mount(picker('head'), element);
  scope.mount(mapPicker, element);
  element.append(direction.element, el('span', { class: 'toggles' }, special.element, byRow.element));
  scope.mount(cutControls, element);
  scope.mount(pinButton, element);
  scope.mount(readings, element);
  scope.mount(measureNote, element);
  return element;
});

/** What has to be known of the numbers below: that they are of a changed text, and what a rollout takes for granted. */
export const assumptions = view((app, scope) => {
  const element = el('p', { class: 'hint assumptions', role: 'note' });
  scope.draw(() => {
    const { snapshot, view: shown } = app.state;
    const info = kindInfo(snapshot, shown.kind);
    const changed = snapshot?.intervention ? readSentence(snapshot.intervention, kindsOf(snapshot)) : '';
    const ofRollout = info && info.queries !== info.keys ? say('webview.rollout.cross') : say('webview.rollout.self');
    const sentences = [changed, shown.source.type === 'rollout' ? ofRollout : ''].filter(Boolean);
    element.hidden = sentences.length === 0;
    setText(element, sentences.join(' '));
  });
  return element;
});
