/** What the running text is coloured by, and the sentence that says so. */
import type { KindInfo, SequenceName, Token } from '../../src/attention/types';
import { tokenLabel } from '../format';
import { KIND_NAMES, kindFor, kindInfo, roleFor, tokensOf, weightsIn, type AppState } from './appState';
import { largest, meanReceived, rowOf } from './shownWeights';

/** More tokens than these are counted, not named. */
const NAMED = 4;

export interface Colouring {
  /** The sequence that is coloured. */
  readonly sequence: SequenceName;
  readonly weights: Float32Array;
  /** Multiplies weights before they are coloured; 1 on the fixed scale. */
  readonly scale: number;
  /** One token's number in words, before the number: `looks at this with`. */
  readonly what: string;
}

/** The focused token's kind and role, or the chosen kind where nothing is focused. */
export function focusRole({
  snapshot,
  view,
  focus,
  direction,
}: AppState): { readonly info: KindInfo; readonly role: 'query' | 'key' } | undefined {
  if (!focus) return undefined;
  const info = kindFor(snapshot, view.kind, focus.sequence);
  return info && { info, role: roleFor(info, focus.sequence, direction) };
}

/** The head to show in a kind that may have fewer layers or heads than the chosen one. */
export function headIn(info: KindInfo, layer: number, head: number): readonly [layer: number, head: number] {
  return [Math.min(layer, info.layers - 1), Math.min(head, info.heads - 1)];
}

export function colouring(state: AppState): Colouring | undefined {
  const { snapshot, view, head, focus } = state;
  if (!snapshot) return undefined;
  const scaled = (values: Float32Array): number => {
    const most = view.scale === 'row' ? largest(values) : 1;
    return most > 0 ? 1 / most : 0;
  };
  const role = focusRole(state);
  if (focus && role) {
    const { info } = role;
    const entry = weightsIn(state, info.kind, role.role);
    if (!entry) return undefined;
    const row = rowOf(entry, ...headIn(info, view.layer, view.head));
    return {
      sequence: role.role === 'query' ? info.keys : info.queries,
      weights: row,
      scale: scaled(row),
      what: role.role === 'query' ? 'is looked at with weight' : 'looks there with weight',
    };
  }
  const info = kindInfo(snapshot, view.kind);
  if (!info || !head || head.kind !== info.kind) return undefined;
  const mean = meanReceived(head, info, tokensOf(snapshot, info.queries), view.hideSpecial[info.kind]);
  return { sequence: info.keys, weights: mean, scale: scaled(mean), what: 'is looked at with mean weight' };
}

/** `fed “den”, predicts “k”` for a decoder's token; the label in quotes for any other. */
export function tokenPhrase(tokens: readonly Token[], index: number, isDecoder: boolean): string {
  const label = `“${tokenLabel(tokens[index])}”`;
  if (!isDecoder) return label;
  const next = tokens[index + 1];
  return next ? `fed ${label}, predicts “${tokenLabel(next)}”` : `${label}, written last, not yet read`;
}

/** Some tokens in words: one by its label, a few by theirs, many by their number. */
export function namesOf(tokens: readonly Token[], indices: readonly number[]): string {
  const names = indices
    .slice(0, NAMED)
    .map((index) => `“${tokenLabel(tokens[index])}”`)
    .join(', ');
  return indices.length > NAMED ? `${names} and ${indices.length - NAMED} more` : names;
}

/** One sentence for what the text's colours say. */
export function colouringSentence(state: AppState): string {
  const { snapshot, focus, view } = state;
  const role = focusRole(state);
  if (focus && role) {
    const who = namesOf(tokensOf(snapshot, focus.sequence), focus.indices);
    const several = focus.indices.length > 1;
    if (role.role === 'query') return several ? `Where ${who} look, on average` : `Where ${who} looks`;
    return several ? `Who looks at ${who}, summed` : `Who looks at ${who}`;
  }
  const info = kindInfo(snapshot, view.kind);
  return info ? `Mean weight that each token receives — ${KIND_NAMES[info.kind].toLowerCase()}` : '';
}
