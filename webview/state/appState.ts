/** What the views share: the state, and what follows from it without asking anybody. */
import type {
  Atlas,
  AttentionKind,
  HeadMatrix,
  KindInfo,
  SequenceName,
  Token,
  TokenWeights,
} from '../../src/attention/types';
import { ATTENTION_KINDS } from '../../src/attention/types';
import type { ErrorValue } from '../../src/errors';
import type { ExplanationSnapshot, TokenFocus, ViewState } from '../../src/protocol/panel';
import type { Palette } from '../theme';

export interface TokenRef {
  readonly sequence: SequenceName;
  readonly index: number;
}

/** Which way attention is read in a self-attention: the keys that the token looks at, or the queries that look at it. */
export type Direction = 'to' | 'from';

/** The exact weights of some tokens, as they were asked for. */
export interface FocusWeights {
  readonly key: string;
  readonly sequence: SequenceName;
  readonly indices: readonly number[];
  readonly list: readonly TokenWeights[];
}

export interface AppState {
  /** False until the host has answered once. */
  readonly connected: boolean;
  readonly snapshot: ExplanationSnapshot | null;
  readonly view: ViewState;
  readonly focus: TokenFocus | null;
  /** The token under the pointer while another is locked: the grid then shows the weights between the two. */
  readonly second: TokenRef | null;
  readonly direction: Direction;
  readonly detail: 'matrix' | 'lines';
  readonly recipe: unknown;
  readonly head: HeadMatrix | null;
  readonly atlas: Atlas | null;
  readonly weights: FocusWeights | null;
  /** Why weights could not be had; shown beside what is there. */
  readonly failure: ErrorValue | null;
  readonly palette: Palette;
  /** The step whose alternatives the generation view shows; -1 follows the newest. */
  readonly step: number;
}

export const KIND_NAMES: Readonly<Record<AttentionKind, string>> = {
  encoder: 'Encoder self-attention',
  decoder: 'Masked decoder self-attention',
  cross: 'Cross-attention',
};

export function kindsOf(snapshot: ExplanationSnapshot | null): readonly KindInfo[] {
  const kinds = snapshot?.model?.kinds ?? [];
  return ATTENTION_KINDS.flatMap((kind) => kinds.filter((info) => info.kind === kind));
}

/** The chosen kind, or the first that the model has. */
export function kindInfo(snapshot: ExplanationSnapshot | null, kind: AttentionKind): KindInfo | undefined {
  const kinds = kindsOf(snapshot);
  return kinds.find((info) => info.kind === kind) ?? kinds[0];
}

/** The view with kind, layer and head inside what the model has. */
export function validView(snapshot: ExplanationSnapshot | null, view: ViewState): ViewState {
  const info = kindInfo(snapshot, view.kind);
  if (!info) return view;
  const layer = Math.min(Math.max(0, view.layer), info.layers - 1);
  const head = Math.min(Math.max(0, view.head), info.heads - 1);
  return info.kind === view.kind && layer === view.layer && head === view.head
    ? view
    : { ...view, kind: info.kind, layer, head };
}

export function tokensOf(snapshot: ExplanationSnapshot | null, sequence: SequenceName): readonly Token[] {
  return snapshot?.[sequence] ?? [];
}

const hashes = new WeakMap<readonly Token[], number>();

function hashOf(tokens: readonly Token[]): number {
  const known = hashes.get(tokens);
  if (known !== undefined) return known;
  let hash = 0x811c9dc5; // FNV-1a
  for (const { id } of tokens) hash = Math.imul(hash ^ id, 0x01000193) >>> 0;
  hashes.set(tokens, hash);
  return hash;
}

/** Names the weights of a kind: equal keys mean equal weights, so answers to older ones can be dropped. */
export function contentKey(snapshot: ExplanationSnapshot, sequences: readonly SequenceName[]): string {
  return `${snapshot.id}/${snapshot.window?.start ?? 0}/${sequences.map((name) => `${snapshot[name].length}:${hashOf(snapshot[name])}`).join('/')}`;
}

/** The kind that can be shown for a token: the chosen one, else one that the token takes part in. */
export function kindFor(
  snapshot: ExplanationSnapshot | null,
  chosen: AttentionKind,
  sequence: SequenceName,
): KindInfo | undefined {
  const has = (info: KindInfo): boolean => info.queries === sequence || info.keys === sequence;
  const info = kindInfo(snapshot, chosen);
  if (info && has(info)) return info;
  const kinds = kindsOf(snapshot).filter(has);
  return kinds.find(({ kind }) => kind === 'cross') ?? kinds[0];
}

/** The role that the token's weights are shown in, for a kind that it takes part in. */
export function roleFor(info: KindInfo, sequence: SequenceName, direction: Direction): 'query' | 'key' {
  if (info.queries !== info.keys) return info.queries === sequence ? 'query' : 'key';
  return direction === 'to' ? 'query' : 'key';
}

/** True while the focused tokens' weights are on their way. */
export function isWaiting({ snapshot, focus, weights }: AppState): boolean {
  return snapshot !== null && focus !== null && weights?.key !== weightsKey(snapshot, focus);
}

/**
 * The focused tokens' weights: never another token's, nor another text's. Undefined while they are on their way, and
 * where there are none in this role (a token that was written last has not been read yet).
 */
export function weightsIn(state: AppState, kind: AttentionKind, role: 'query' | 'key'): TokenWeights | undefined {
  return isWaiting(state) ? undefined : state.weights?.list.find((entry) => entry.kind === kind && entry.role === role);
}

/** Names what `focus` asks for: equal keys mean equal weights. */
export function weightsKey(snapshot: ExplanationSnapshot, { sequence, indices }: TokenFocus): string {
  return `${contentKey(snapshot, ['source', 'target'])}/${sequence}/${indices.join(',')}`;
}

/** True for tokens that `hideSpecial` leaves out. */
export function isHidden(token: Token | undefined, hide: boolean): boolean {
  return hide && token?.special === true;
}

/** Index of the first generated token; the sequence's length where nothing was generated yet. */
export function generatedFrom(snapshot: ExplanationSnapshot): number {
  return snapshot.steps[0]?.index ?? snapshot.target.length;
}

/** The masks in the source: what each hides, by index; null where it was typed. */
export type Masks = ReadonlyMap<number, string | null>;

const NO_MASKS: Masks = new Map();
const masksOfFills = new WeakMap<ExplanationSnapshot['fills'], Masks>();

export function masksOf(snapshot: ExplanationSnapshot | null): Masks {
  if (!snapshot || snapshot.fills.length === 0) return NO_MASKS;
  let masks = masksOfFills.get(snapshot.fills);
  if (!masks) {
    masks = new Map(snapshot.fills.map(({ index, original }) => [index, original?.text ?? null]));
    masksOfFills.set(snapshot.fills, masks);
  }
  return masks;
}

/** True where some of the prompt's tokens are a chat template's, and can be told from the text's. */
export function hasTemplateTokens(snapshot: ExplanationSnapshot | null): boolean {
  return snapshot?.chat === true && snapshot.target.some(({ start }) => start >= 0);
}

/** True for a token that the user can mask, or free of the mask that he put there. */
export function canMask(snapshot: ExplanationSnapshot | null, { sequence, index }: TokenRef): boolean {
  const token = sequence === 'source' ? snapshot?.source[index] : undefined;
  if (!snapshot || !token || snapshot.model?.fillsMasks !== true) return false;
  return masksOf(snapshot).get(index) !== null && (!token.special || token.start >= 0);
}

export function sameFocus(one: TokenFocus | null, other: TokenFocus | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.sequence === other.sequence &&
    one.locked === other.locked &&
    one.indices.length === other.indices.length &&
    one.indices.every((index, at) => index === other.indices[at])
  );
}
