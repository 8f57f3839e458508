/** The explained text and the generated one, coloured, with arcs from the looked-at token. */
import type { SequenceName } from '../../src/attention/types';
import { sequenceName, type App } from '../app';
import { colouring, colouringSentence, focusRole } from '../colouring';
import { el, setText } from '../dom';
import { count } from '../format';
import { generatedFrom, tokensOf } from '../model';
import { strongest } from '../weights';
import { arcs, type Arc } from './arcs';
import { fills } from './fills';
import { section } from './section';
import { tokenBlock } from './tokenBlock';

/** Arcs to more tokens than these would be a tangle; the lists and the colours have the rest. */
const MOST_ARCS = 12;
const LEAST_WEIGHT = 0.02;

export function textView(app: App): HTMLElement {
  const { store } = app;
  const sentence = el('span', { class: 'section-note', id: 'colouring' });
  const { element, body } = section('Text', sentence);
  const stage = el('div', { class: 'stage' });
  const overlay = arcs(stage);
  const names: readonly SequenceName[] = ['source', 'target'];
  const blocks = names.map((sequence) => {
    const block = tokenBlock(app, sequence, sequence);
    const label = el('span', { class: 'sequence-name' });
    const size = el('span', { class: 'sequence-size' });
    const row = el('div', { class: 'sequence', data: { sequence } }, el('div', { class: 'sequence-label' }, label, size), block.element);
    stage.append(row);
    store.watch(
      ({ snapshot }) => [snapshot?.[sequence], snapshot && generatedFrom(snapshot), snapshot?.model?.family, snapshot?.status],
      ([tokens, generated], { snapshot }) => {
        row.hidden = tokens === undefined || tokens.length === 0;
        setText(label, sequenceName(snapshot, sequence));
        block.element.setAttribute('aria-label', `${sequenceName(snapshot, sequence)} tokens`);
        setText(size, `${count(tokens?.length ?? 0)} token${tokens?.length === 1 ? '' : 's'}`);
        block.setTokens(tokens ?? [], sequence === 'target' && generated !== null && generated !== undefined ? generated : Infinity);
      },
    );
    return { sequence, block };
  });
  const blockOf = (sequence: SequenceName) => (sequence === 'source' ? blocks[0] : blocks[1])?.block;

  store.watch(
    ({ snapshot, view, head, weights, focus, direction, palette }) => [snapshot?.source, snapshot?.target, view, head, weights, focus, direction, palette] as const,
    (_selected, state) => {
      const colours = colouring(state);
      setText(sentence, colouringSentence(state));
      for (const { sequence, block } of blocks) {
        const mine = colours?.sequence === sequence ? colours : undefined;
        const hide = state.view.hideSpecial[state.view.kind];
        block.paint(mine?.weights ?? null, mine?.scale ?? 1, state.palette.ramp, hide && mine !== undefined, mine?.what ?? '');
      }
    },
  );
  store.watch(
    ({ focus, second }) => [focus, second] as const,
    ([focus, second]) => {
      for (const { sequence, block } of blocks) {
        const mine = focus?.sequence === sequence ? focus : null;
        block.mark(mine?.indices ?? [], mine?.locked ?? false, second?.sequence === sequence ? second.index : null);
      }
    },
  );

  const arcList = (): readonly Arc[] => {
    const state = store.get();
    const role = focusRole(state);
    const colours = colouring(state);
    const at = state.focus?.indices[0];
    if (!state.focus || !role || !colours || at === undefined || state.focus.indices.length !== 1) return [];
    const from = blockOf(state.focus.sequence)?.token(at);
    if (!from) return [];
    const hide = state.view.hideSpecial[role.info.kind];
    return strongest(colours.weights, tokensOf(state.snapshot, colours.sequence), hide, MOST_ARCS).flatMap(({ index, weight }) => {
      const to = blockOf(colours.sequence)?.token(index);
      return to && to !== from && weight >= LEAST_WEIGHT ? [{ from, to, weight: weight * colours.scale }] : [];
    });
  };
  const redraw = (): void => overlay.draw(arcList(), store.get().palette.line);
  store.watch(({ snapshot, view, weights, focus, direction, palette }) => [snapshot?.source, snapshot?.target, view, weights, focus, direction, palette] as const, redraw);
  new ResizeObserver(redraw).observe(stage);

  body.append(stage, fills(app));
  return element;
}
