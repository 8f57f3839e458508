/** Which attention is shown: kind, layer, head, direction, scale, special tokens. */
import type { App } from '../../state/app';
import { checkbox } from '../../controls/checkbox';
import { dropdown } from '../../controls/dropdown';
import { tabs } from '../../controls/tabs';
import { button } from '../../controls/button';
import { el, setText } from '../../dom';
import { headName, layerName } from '../../format';
import { KIND_NAMES, kindInfo, kindsOf, type AppState } from '../../state/appState';
import { legend } from './legend';

const numbersTo = (length: number, name: (index: number) => string): string[] =>
  Array.from({ length }, (_, index) => name(index));

const QUESTIONS = {
  encoder: 'Every source token looks at every source token',
  decoder: 'Every target token looks at itself and at those before it; the mask hides the future',
  cross: 'Every target token looks at the source tokens',
} as const;

export function kindTabs(app: App, panelId: string): HTMLElement {
  const control = tabs('Kind of attention', panelId, (id) => {
    const kind = kindsOf(app.store.get().snapshot).find((info) => info.kind === id)?.kind;
    if (kind) app.setView({ kind });
  });
  app.store.watch(
    ({ snapshot, view }) => [snapshot?.model, view.kind] as const,
    ([, kind], { snapshot }) => {
      const kinds = kindsOf(snapshot);
      control.element.hidden = kinds.length === 0;
      // A model with one part only needs no word for which.
      const name = (of: (typeof kinds)[number]): string =>
        kinds.length === 1 && of.kind === 'encoder'
          ? 'Self-attention'
          : kinds.length === 1 && of.kind === 'decoder'
            ? 'Masked self-attention'
            : KIND_NAMES[of.kind];
      control.set(
        kinds.map((info) => ({ id: info.kind, label: name(info), title: QUESTIONS[info.kind] })),
        kind,
      );
    },
  );
  return control.element;
}

function picker(app: App, name: string, of: 'layer' | 'head'): HTMLElement {
  const choose = (value: number): void => app.setView(of === 'layer' ? { layer: value } : { head: value });
  const list = dropdown(name, choose);
  const step = (by: number) => (): void => choose(app.store.get().view[of] + by);
  const back = button({ label: `Previous ${of}`, icon: 'chevron-left', iconOnly: true, press: step(-1) });
  const forth = button({ label: `Next ${of}`, icon: 'chevron-right', iconOnly: true, press: step(1) });
  app.store.watch(
    ({ snapshot, view }) => {
      const info = kindInfo(snapshot, view.kind);
      return [
        (of === 'layer' ? info?.layers : info?.heads) ?? 0,
        view[of],
        info?.kvHeads ?? 0,
        info?.heads ?? 0,
        info,
      ] as const;
    },
    ([length, value, groups, heads, info]) => {
      const grouped = of === 'head' && groups > 0 && groups < heads;
      list.set(
        numbersTo(length, (index) =>
          of === 'layer'
            ? layerName(index, info)
            : `${headName(index)}${grouped ? ` · group ${Math.floor(index / (heads / groups)) + 1}` : ''}`,
        ),
        value,
      );
      back.enable(value > 0);
      forth.enable(value < length - 1);
    },
  );
  return el(
    'div',
    { class: `picker picker-${of}`, role: 'group', aria: { label: name } },
    back.element,
    list.element,
    forth.element,
  );
}

const DIRECTIONS = ['to', 'from'] as const;

export function toolbar(app: App): HTMLElement {
  const { store } = app;
  const direction = dropdown('Direction', (index) => app.setDirection(DIRECTIONS[index] ?? 'to'));
  const special = checkbox(
    'Hide special tokens',
    'Special tokens take much weight as attention sinks; hiding them changes no other number',
    (checked) => {
      const { view } = store.get();
      app.setView({ hideSpecial: { ...view.hideSpecial, [view.kind]: checked } });
    },
  );
  const byRow = checkbox('Scale by row', 'Colour each row by its own largest weight instead of 0 to 1', (checked) =>
    app.setView({ scale: checked ? 'row' : 'fixed' }),
  );
  const sink = el('span', { class: 'sink', title: 'Mean weight that this head gives to special or first tokens' });
  store.watch(
    ({ snapshot, view, direction: way }) =>
      [kindInfo(snapshot, view.kind), view.kind, view.hideSpecial, view.scale, way] as const,
    ([info, kind, hideSpecial, scale, way]) => {
      special.set(hideSpecial[kind]);
      byRow.set(scale === 'row');
      direction.element.hidden = info?.queries !== info?.keys;
      direction.set(['Looks at', 'Is looked at by'], DIRECTIONS.indexOf(way));
    },
  );
  store.watch(
    ({ atlas, view }) => [atlas, view.kind, view.layer, view.head] as const,
    ([atlas, kind, layer, head]: readonly [AppState['atlas'], string, number, number]) => {
      const mass = atlas?.kind === kind ? atlas.sinkMass[layer * atlas.heads + head] : undefined;
      setText(sink, mass === undefined ? '' : `Sink mass ${mass.toFixed(2)}`);
    },
  );
  return el(
    'div',
    { class: 'toolbar', role: 'toolbar', aria: { label: 'What is shown' } },
    picker(app, 'Layer', 'layer'),
    picker(app, 'Head', 'head'),
    direction.element,
    el('span', { class: 'toggles' }, special.element, byRow.element),
    el('span', { class: 'readings' }, sink, legend(app)),
  );
}
