/** The explained text and the generated one, coloured, with arcs from the looked-at token. */
import type { SequenceName } from '../../../src/attention/types';
import { sequenceName, type App } from '../../state/app';
import { colouring, colouringSentence, focusRole } from '../../state/colouring';
import { el, setText } from '../../dom';
import { count } from '../../format';
import { generatedFrom, hasTemplateTokens, isWaiting, masksOf, tokensOf, type AppState } from '../../state/appState';
import { strongest } from '../../state/shownWeights';
import { arcs, type Arc } from './arcs';
import { chatSwitch } from './chatSwitch';
import { fillsView } from './fills';
import { section } from '../frame/section';
import { tokenBlock } from './tokenBlock';
import { typedSpecialsView } from './typedSpecials';

/** Arcs to more tokens than these would be a tangle; the lists and the colours have the rest. */
const MOST_ARCS = 12;
const LEAST_WEIGHT = 0.02;
/** How long the colours of the token before stay while the next one's weights are on their way, in milliseconds. */
const PATIENCE = 150;

export function textView(app: App): HTMLElement {
  const { store } = app;
  const sentence = el('span', { class: 'section-note', id: 'colouring' });
  const { element, body } = section('Text', sentence, el('span', { class: 'spacer' }), chatSwitch(app));
  let timer: number | undefined;
  const stage = el('div', { class: 'stage' });
  const overlay = arcs(stage);
  const names: readonly SequenceName[] = ['source', 'target'];
  const blocks = names.map((sequence) => {
    const block = tokenBlock(app, sequence, sequence);
    const label = el('span', { class: 'sequence-name' });
    const size = el('span', { class: 'sequence-size' });
    block.element.addEventListener('scroll', () => requestAnimationFrame(redraw), { passive: true });
    const row = el(
      'div',
      { class: 'sequence', data: { sequence } },
      el('div', { class: 'sequence-label' }, label, size),
      block.element,
    );
    stage.append(row);
    store.watch(
      ({ snapshot }) =>
        [
          snapshot?.[sequence],
          snapshot && generatedFrom(snapshot),
          masksOf(snapshot),
          hasTemplateTokens(snapshot),
          snapshot?.model?.family,
          snapshot?.status,
        ] as const,
      ([tokens, generated, masks, chat], { snapshot }) => {
        row.hidden = tokens === undefined || tokens.length === 0;
        setText(label, sequenceName(snapshot, sequence));
        block.element.setAttribute('aria-label', `${sequenceName(snapshot, sequence)} tokens`);
        setText(size, `${count(tokens?.length ?? 0)} token${tokens?.length === 1 ? '' : 's'}`);
        const { scrollHeight, scrollTop, clientHeight } = block.element;
        const follow = snapshot?.status === 'generating' && scrollHeight - scrollTop - clientHeight < 30;
        block.setTokens(
          tokens ?? [],
          sequence === 'target'
            ? { generated: generated ?? Infinity, masks: new Map(), chat }
            : { generated: Infinity, masks, chat: false },
        );
        if (follow) block.element.scrollTop = block.element.scrollHeight;
      },
    );
    return { sequence, block };
  });
  const blockOf = (sequence: SequenceName) => (sequence === 'source' ? blocks[0] : blocks[1])?.block;

  store.watch(
    ({ snapshot, view, head, weights, focus, direction, palette }) =>
      [snapshot?.source, snapshot?.target, view, head, weights, focus, direction, palette] as const,
    (_selected, state) => {
      clearTimeout(timer);
      setText(sentence, colouringSentence(state));
      // Weights come within some milliseconds: clearing the colours before them would only flicker.
      if (isWaiting(state)) timer = window.setTimeout(() => paint(store.get()), PATIENCE);
      else paint(state);
    },
  );
  function paint(state: AppState): void {
    const colours = colouring(state);
    for (const { sequence, block } of blocks) {
      const mine = colours?.sequence === sequence ? colours : undefined;
      const hide = state.view.hideSpecial[state.view.kind];
      block.paint(mine?.weights ?? null, mine?.scale ?? 1, state.palette, hide && mine !== undefined, mine?.what ?? '');
    }
  }
  store.watch(
    ({ focus, second }) => [focus, second] as const,
    ([focus, second]) => {
      for (const { sequence, block } of blocks) {
        const mine = focus?.sequence === sequence ? focus : null;
        const at = mine?.indices[0];
        // What others point at (the editor, the generation view) is brought into sight.
        if (mine && mine.from !== 'panel' && at !== undefined) block.token(at)?.scrollIntoView({ block: 'nearest' });
        block.mark(mine?.indices ?? [], mine?.locked ?? false, second?.sequence === sequence ? second.index : null);
      }
    },
  );

  store.watch(
    ({ snapshot, view, weights, focus, direction, palette }) =>
      [snapshot?.source, snapshot?.target, view, weights, focus, direction, palette] as const,
    redraw,
  );
  new ResizeObserver(redraw).observe(stage);

  function arcList(): readonly Arc[] {
    const state = store.get();
    const role = focusRole(state);
    const colours = colouring(state);
    const at = state.focus?.indices[0];
    if (!state.focus || !role || !colours || at === undefined || state.focus.indices.length !== 1) return [];
    const from = blockOf(state.focus.sequence)?.token(at);
    if (!from) return [];
    const hide = state.view.hideSpecial[role.info.kind];
    return strongest(colours.weights, tokensOf(state.snapshot, colours.sequence), hide, MOST_ARCS).flatMap(
      ({ index, weight }) => {
        const to = blockOf(colours.sequence)?.token(index);
        return to && to !== from && weight >= LEAST_WEIGHT ? [{ from, to, weight: weight * colours.scale }] : [];
      },
    );
  }
  function redraw(): void {
    overlay.draw(arcList(), store.get().palette.line);
  }

  body.append(
    typedSpecialsView(app),
    stage,
    fillsView(app, 'Click a token, then Mask (or press M on it), to see what the model would put in its place.'),
  );
  return element;
}
