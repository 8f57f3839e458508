/** The sequences of a text as coloured running text, with arcs from the looked-at token. */
import type { SequenceName } from '../../../src/attention/types';
import type { ExplanationSnapshot } from '../../../src/protocol/panel';
import { reachOf } from '../../../src/measure/measure';
import { say } from '../../../src/text/say';
import { isWord } from '../../../src/measure/units';
import { axisIn, itemsOf } from '../../axes/axis';
import { el, setText, svg } from '../../dom';
import { paintSvg } from '../../render/paintSvg';
import type { App } from '../../state/app';
import {
  focusRole,
  generatedFrom,
  hasTemplateTokens,
  isWaiting,
  masksOf,
  shownAxis,
  tokensOf,
} from '../../state/appState';
import { colouring } from '../../state/shown/colouring';
import { follow } from '../../state/frames';
import { sequenceName, tokenCount, wordCount } from '../../state/shown/names';
import { strongest } from '../../state/shown/shownWeights';
import { view, type Scope, type View } from '../view';
import { arcScene, type Arc } from './arcs';
import { tokenBlock, type TokenBlock } from './tokenBlock';
import { NO_ROLES, type TokenRoles } from './tokenNodes';

/** Arcs to more tokens than these would be a tangle; the lists and the colours have the rest. */
const MOST_ARCS = 12;
/** The least share of the scale that an arc is drawn for. */
const LEAST_SHARE = 0.02;
/** How long the colours of the token before stay while the next one's weights are on their way, in milliseconds. */
const PATIENCE = 150;

/** Which tokens of a sequence were written, which are masks, and which may be a chat template's. */
function rolesIn(snapshot: ExplanationSnapshot | null, sequence: SequenceName): TokenRoles {
  if (!snapshot || sequence === 'source') return { ...NO_ROLES, masks: masksOf(snapshot) };
  return { ...NO_ROLES, generated: generatedFrom(snapshot), chat: hasTemplateTokens(snapshot) };
}

const isAtEnd = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean =>
  scrollHeight - scrollTop - clientHeight < 30;

/** One sequence with its name and size; `scrolled` is called when its tokens have moved. */
function sequenceRow(
  app: App,
  scope: Scope,
  sequence: SequenceName,
  named: (label: string) => string,
  scrolled: () => void,
): { readonly element: HTMLElement; readonly block: TokenBlock } {
  const { state } = app;
  const block = tokenBlock(app, scope, sequence);
  const heading = el('span', { class: 'sequence-name' });
  const size = el('span', { class: 'sequence-size' });
  const element = el(
    'div',
    { class: 'sequence', data: { sequence } },
    el('div', { class: 'sequence-label' }, heading, size),
    block.element,
  );
  scope.listen(block.element, 'scroll', scrolled, { passive: true });
  // In two drawings, as dividing a long text into words and making their nodes both take long.
  scope.draw(() => {
    const { snapshot } = state;
    const tokens = tokensOf(snapshot, sequence);
    const name = sequenceName(snapshot, sequence);
    setText(heading, name);
    const { items } = axisIn(state, sequence);
    const inWords = shownAxis(state) === 'words';
    const label = inWords
      ? say('webview.sequence.words', { sequence: name })
      : say('webview.sequence.tokens', { sequence: name });
    block.element.setAttribute('aria-label', named(label));
    const count = tokenCount(tokens.length);
    const words = wordCount(items.filter(({ unit }) => isWord(unit)).length);
    setText(size, inWords ? say('webview.sequence.size', { words, tokens: count }) : count);
  });
  scope.draw(() => {
    const { snapshot } = state;
    element.hidden = tokensOf(snapshot, sequence).length === 0;
    // Asked only where it matters: a browser that is asked where something is has to lay all of the page out first.
    const follow = snapshot?.status === 'generating' && isAtEnd(block.element);
    block.setUnits(
      axisIn(state, sequence).items.map(({ unit }) => unit),
      rolesIn(snapshot, sequence),
    );
    if (follow) block.element.scrollTop = block.element.scrollHeight;
  });
  return { element, block };
}

/** @param named what a list of tokens is called, given what it is of: the same text may stand twice */
export const stageView = (named: (label: string) => string = (label) => label): View =>
  view((app, scope) => {
    const { state } = app;
    const overlay = svg('svg', { class: 'arcs', 'aria-hidden': 'true', focusable: 'false' });
    const stage = el('div', { class: 'stage' }, overlay);

    const arcList = (): readonly Arc[] => {
      const role = focusRole(state);
      const colours = colouring(state);
      const at = state.focus?.indices[0];
      if (!state.focus || !role || !colours || at === undefined) return [];
      if (itemsOf(axisIn(state, state.focus.sequence), state.focus.indices).length !== 1) return [];
      const from = blocks[state.focus.sequence].token(at);
      if (!from) return [];
      const { items } = axisIn(state, role.others);
      const reach = reachOf(colours.measure);
      return strongest(colours.values, items, state.view.hideSpecial[role.info.kind], MOST_ARCS).flatMap(
        ({ index, value }) => {
          const to = blocks[role.others].unit(index);
          const isSeen = to && to !== from && Math.abs(value) / reach >= LEAST_SHARE;
          return isSeen ? [{ from, to, strength: (value * colours.scale) / reach }] : [];
        },
      );
    };
    const redraw = (): void => {
      const arcs = arcList();
      // Asked only where it matters: a browser that is asked where something is has to lay all of the page out first.
      if (arcs.length > 0) paintSvg(overlay, arcScene(stage, arcs, state.palette));
      else overlay.replaceChildren();
    };
    const redrawSoon = scope.onFrame(redraw);

    const rows = {
      source: sequenceRow(app, scope, 'source', named, redrawSoon),
      target: sequenceRow(app, scope, 'target', named, redrawSoon),
    };
    const blocks = { source: rows.source.block, target: rows.target.block };
    stage.append(rows.source.element, rows.target.element);

    const paint = (): void => {
      const colours = colouring(state);
      for (const sequence of ['source', 'target'] as const)
        blocks[sequence].paint(colours?.sequence === sequence ? colours : undefined, state.palette);
    };
    const late = scope.timer(paint, PATIENCE);
    scope.draw(() => {
      // Weights come within some milliseconds: clearing the colours before them would only flicker.
      late.stop();
      if (isWaiting(state) || state.difference === undefined) late.start();
      else paint();
    });
    // A token that is pointed at elsewhere (in the editor or the generation view) is scrolled into sight.
    scope.draw(() => {
      const { focus } = state;
      const at = focus?.indices[0];
      if (focus && focus.from !== 'panel' && at !== undefined)
        blocks[focus.sequence].token(at)?.scrollIntoView({ block: 'nearest' });
    });
    scope.draw(() => {
      const { focus, second, snapshot } = state;
      // A token gets another node when its text is read anew (masked, restored) or when words are shown in place of tokens.
      follow(snapshot, shownAxis(state));
      for (const sequence of ['source', 'target'] as const) {
        const mine = focus?.sequence === sequence ? focus : null;
        blocks[sequence].mark(
          mine?.indices ?? [],
          mine?.locked ?? false,
          second?.sequence === sequence ? second.index : null,
        );
      }
    });
    scope.draw(redraw);
    scope.resize(stage, redraw);

    return stage;
  });
