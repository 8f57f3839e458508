/** What the views share: the state, and what follows from it without asking anybody. */
import type {
  Atlas,
  AttentionKind,
  AxisName,
  KindInfo,
  MapMatrix,
  MapRef,
  MeasureFit,
  MeasureName,
  ProbedMeasure,
  RoleName,
  RoleTable,
  SequenceName,
  Token,
  TokenWeights,
} from '../../src/attention/types';
import type { ErrorValue } from '../../src/errors';
import { measureOf, measureWithin, type Measure } from '../../src/measure/measure';
import { kindFor, kindsInOrder, roleIn, type TokenReading, type TokenRole } from '../../src/measure/reading';
import { rolesOf } from '../../src/measure/roles/roleText';
import { sourceWithin } from '../../src/measure/source';
import { axisWithin } from '../../src/measure/units';
import { wholeView, type WholeView } from '../../src/protocol/defaultView';
import { chooseAlignment } from '../../src/measure/alignment/alignmentChoice';
import type {
  AttributionReport,
  HeadCosts,
  HeadScores,
  HeadsOffReport,
  InputWithoutReport,
  LeftOutCosts,
  LensReport,
  TextAlignment,
} from '../../src/protocol/engine';
import type { LessonAnswer } from '../../src/protocol/answers/lessonAnswers';
import type { ExplanationSnapshot, PinnedExplanation, TokenFocus, ViewState } from '../../src/protocol/panel';
import type { Palette } from '../theme';
import type { Ranking } from './shown/ranking';
import { offWithin } from './shown/switchedOff';

export type { Direction } from '../../src/measure/reading';

export interface TokenRef {
  readonly sequence: SequenceName;
  readonly index: number;
}

/** The exact weights of some tokens. */
export interface FocusWeights {
  readonly sequence: SequenceName;
  readonly indices: readonly number[];
  readonly axis: AxisName;
  /** Where there is a rollout: up to and with this layer. */
  readonly rollout: number | undefined;
  /** What was asked for in place of the weights; each entry says what it is. */
  readonly measure?: ProbedMeasure;
  readonly list: readonly TokenWeights[];
}

/** An overview, and what of the view it is of. */
export interface ShownAtlas extends Atlas {
  readonly hideSpecial: boolean;
  readonly axis: AxisName;
}

/** True where a map is there without a row, as cross-attention's is before the first token is written. */
export const isRowless = (atlas: Pick<Atlas, 'rows' | 'cols'> | null): boolean =>
  atlas !== null && (atlas.rows === 0 || atlas.cols === 0);

/** What is set by the user, the host and the theme. */
export interface SetState {
  /** False until the host has answered once. */
  readonly connected: boolean;
  readonly snapshot: ExplanationSnapshot | null;
  readonly view: WholeView;
  readonly focus: TokenFocus | null;
  /** The token under the pointer while another is locked: the grid then shows the numbers between the two. */
  readonly second: TokenRef | null;
  readonly detail: 'matrix' | 'lines';
  readonly recipe: unknown;
  /** By which role the overview is arranged. */
  readonly ranking: Ranking;
  /** What was measured of the model's heads on the probe set. */
  readonly scores: HeadScores | null;
  /** What is kept beside the explanation on show. */
  readonly pinned: PinnedExplanation | null;
  /** What is known so far of what heads are worth; of the text that it names. */
  readonly costs: HeadCosts | null;
  /** True while heads are being ranked. */
  readonly costing: boolean;
  /** What is known so far of what pieces of the input are worth; of the text that it names. */
  readonly leftOut: LeftOutCosts | null;
  /** True while pieces are being ranked. */
  readonly leaving: boolean;
  /** The output without the parts of the input that were left out together last; of the text that it names. */
  readonly shortened: InputWithoutReport | null;
  /** True while that is computed. */
  readonly shortening: boolean;
  /** Why weights could not be had; shown beside what is there. */
  readonly failure: ErrorValue | null;
  readonly palette: Palette;
  /** The step whose alternatives the generation view shows; -1 follows the newest. */
  readonly step: number;
}

/** What has come back for what is set; each is of the text on show, or null. */
export interface Answered {
  /** The map of the chosen kind that came last: its own layer, head, measure and source say what it is of. */
  readonly map: MapMatrix | null;
  readonly atlas: ShownAtlas | null;
  /** The focused tokens' weights. */
  readonly weights: FocusWeights | null;
  /** Where the chosen kind's heads look on this text, where the overview is arranged by it. */
  readonly roles: RoleTable | null;
  /** Which source words made the written ones, where cross-attention is looked at. */
  readonly alignment: TextAlignment | null;
  /** The output without the heads that are off; null while it is computed, and where none is off. */
  readonly without: HeadsOffReport | null;
  /** What the layers would write at the places on show; null while that is computed, and where it is not wanted. */
  readonly lens: LensReport | null;
}

/** What is known of the lesson's station. */
export interface LessonState {
  /** The station's numbers; null while they are on their way, and where it needs none. */
  readonly lesson: LessonAnswer | null;
  /** True while they are computed. */
  readonly lessonRuns: boolean;
  /** Stations of which this model's graph gives nothing, as far as that is known yet. */
  readonly lessonAbsent: LessonAnswer['absent'];
}

/** The parts of a token's logit, or why they cannot be told for this model or place. */
export type AttributionAnswer = { readonly report: AttributionReport } | { readonly refusal: ErrorValue };

/** What is known of where the chosen token comes from. */
export interface AttributionState {
  /** The parts of its logit, or why there are none; null while they are computed, and where they are not wanted. */
  readonly attribution: AttributionAnswer | null;
}

/** What is known of the chosen measure. */
export interface MeasureState {
  /** The chosen one, whatever is on show. */
  readonly chosen: MeasureName;
  /** The one on show, with its scale in this text. */
  readonly shown: Measure;
  /** How much of it is made, 0 to 1, -1 where that is unknown; null where it is not being made. */
  readonly making: number | null;
  /** Why the model cannot give it for the chosen kind of attention, as a clause; '' where it can, or is not known to be unable to. */
  readonly gap: string;
}

/** A row of numbers that a text is coloured by. */
export interface Colouring extends TokenReading {
  /** One token's number in words, before the number: `looks there with weight`. */
  readonly what: string;
}

/** What is known of the pinned explanation's numbers beside those on show. */
interface Compares {
  /** What the text is coloured by in place of its own numbers; undefined while it is on its way, null where it is not wanted. */
  readonly difference: Colouring | null | undefined;
}

/** What is known of a chosen kind of attention that has no row yet. */
interface Awaits {
  /** The chosen kind, while the encoder's is on show in its place; null otherwise. */
  readonly awaited: AttentionKind | null;
}

/** `view` is with the kind and the measure that are on show: a chosen one may still have to be made, or not be there for a kind. */
export type AppState = SetState &
  Awaits &
  Answered &
  LessonState &
  AttributionState &
  Compares & { readonly measure: MeasureState };

/** True for a text to which nothing is being added: what takes a further pass over it is asked for only then. */
export const isAtRest = (snapshot: ExplanationSnapshot | null): snapshot is ExplanationSnapshot =>
  snapshot?.status === 'done' || snapshot?.status === 'paused';

/** True while something runs for what is shown. */
export const isBusy = (snapshot: ExplanationSnapshot): boolean =>
  snapshot.status === 'loading' || snapshot.status === 'encoding' || snapshot.status === 'generating';

/**
 * True for a decoder's attention to a text that has been read while the first token is still to be written: it has looked nowhere yet, and
 * what its model has read is there.
 */
export const hasNoRowYet = (snapshot: ExplanationSnapshot, kind: AttentionKind): boolean =>
  kind !== 'encoder' &&
  isBusy(snapshot) &&
  !snapshot.early &&
  snapshot.steps.length === 0 &&
  kindsOf(snapshot).some((info) => info.kind === 'encoder');

/** The kinds of attention of the model on show, in the order of the tabs; none without a model. */
export const kindsOf = (snapshot: ExplanationSnapshot | null): readonly KindInfo[] =>
  kindsInOrder(snapshot?.model?.kinds ?? []);

/** The chosen kind, or the first that the model has. */
export function kindInfo(snapshot: ExplanationSnapshot | null, kind: AttentionKind): KindInfo | undefined {
  const kinds = kindsOf(snapshot);
  return kinds.find((info) => info.kind === kind) ?? kinds[0];
}

/** The view with all that it may leave out, and with kind, layer and head inside what the model has. */
export function validView(snapshot: ExplanationSnapshot | null, view: ViewState): WholeView {
  const whole = wholeView(view);
  const info = kindInfo(snapshot, view.kind);
  if (!info) return whole;
  const layer = Math.min(Math.max(0, view.layer), info.layers - 1);
  const head = Math.min(Math.max(0, view.head), info.heads - 1);
  const source = sourceWithin(whole.source, info);
  return { ...whole, kind: info.kind, layer, head, source, off: offWithin(whole.off, snapshot) };
}

/** What stands along the sides: words where they are chosen and the text has some. */
export const shownAxis = ({ snapshot, view }: Pick<SetState, 'snapshot' | 'view'>): AxisName =>
  axisWithin(view.axis, tokensOf(snapshot, 'source'), tokensOf(snapshot, 'target'));

/** The map that the view asks for. */
export const mapRef = ({ kind, layer, head, measure, source }: WholeView, axis: AxisName): MapRef => ({
  kind,
  layer,
  head,
  measure,
  source,
  axis,
});

/** A kind as a measure has it: one that takes a layer's heads together has one head. */
export const asMeasured = (info: KindInfo, measure: Pick<Measure, 'name'>): KindInfo =>
  measure.name === 'contribution' ? { ...info, heads: 1, kvHeads: 1 } : info;

/** What the numbers of an answer are; what is on show where it has not come yet. */
export const measureIn = (
  { view, measure }: Pick<AppState, 'view' | 'measure'>,
  answer: { readonly fit?: MeasureFit } | undefined,
): Measure =>
  answer ? measureOf({ measure: measureWithin(view.measure, answer.fit), fit: answer.fit }) : measure.shown;

/** The tokens of a sequence as they stand; none where there is no text. */
export function tokensOf(snapshot: ExplanationSnapshot | null, sequence: SequenceName): readonly Token[] {
  return snapshot?.[sequence] ?? [];
}

/** The focused tokens' kind and role; undefined where nothing is focused. */
export function focusRole({ snapshot, view, focus }: AppState): TokenRole | undefined {
  if (!focus) return undefined;
  const info = kindFor(kindsOf(snapshot), view.kind, focus.sequence);
  return info && roleIn(info, focus.sequence, view.direction);
}

/** Which cross-attention the alignment is read off, with its score on the probe set where it was measured. */
export const alignmentChoice = ({ view, scores, snapshot }: Pick<SetState, 'view' | 'scores' | 'snapshot'>) =>
  chooseAlignment(view.alignment, view, {
    scores: scores?.alignment?.choices ?? [],
    named: snapshot?.model?.alignmentHeads ?? [],
  });

/** The role that the overview is arranged by; null for the plain one, and where the chosen kind cannot have the role. */
export function activeRole({
  snapshot,
  view,
  ranking,
}: Pick<SetState, 'snapshot' | 'view' | 'ranking'>): RoleName | null {
  const info = kindInfo(snapshot, view.kind);
  const { role } = ranking;
  return info && role !== null && rolesOf(info).includes(role) ? role : null;
}

/** The scores that the overview is arranged by; undefined while they are on their way, and where nothing was measured. */
export function rankingTable(state: AppState): RoleTable | undefined {
  const { snapshot, view, ranking, roles, scores } = state;
  const info = kindInfo(snapshot, view.kind);
  if (!info || activeRole(state) === null) return undefined;
  if (ranking.on === 'text') return roles?.kind === info.kind ? roles : undefined;
  const fits = (table: RoleTable): boolean =>
    table.kind === info.kind && table.layers === info.layers && table.heads === info.heads;
  return scores?.roles.find(fits);
}

/** True while the focused tokens' weights are on their way. */
export const isWaiting = ({ focus, weights }: AppState): boolean => focus !== null && weights === null;

/**
 * The focused tokens' weights of a kind in a role. Undefined while they are on their way, and where there are none (a
 * token that was written last has not been read yet).
 */
export function weightsIn(
  { weights }: AppState,
  kind: AttentionKind,
  role: TokenWeights['role'],
): TokenWeights | undefined {
  return weights?.list.find((entry) => entry.kind === kind && entry.role === role);
}

/** Drops indices that the sequence no longer has (a branch can shorten it). */
export function validFocus(snapshot: ExplanationSnapshot | null, focus: TokenFocus | null): TokenFocus | null {
  if (!focus || !snapshot) return null;
  const { length } = snapshot[focus.sequence];
  if (focus.indices.every((index) => index < length)) return focus;
  const indices = focus.indices.filter((index) => index < length);
  return indices.length === 0 ? null : { ...focus, indices };
}

/** True for tokens that `hideSpecial` leaves out. */
export function isHidden(token: { readonly special: boolean } | undefined, hide: boolean): boolean {
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

/** The masks of the text on show; the same map as long as its fills are the same. */
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

/** True for a token that the user can mask, or unmask where it was the user who masked it. */
export function canMask(snapshot: ExplanationSnapshot | null, { sequence, index }: TokenRef): boolean {
  const token = sequence === 'source' ? snapshot?.source[index] : undefined;
  if (!snapshot || !token || snapshot.model?.fillsMasks !== true) return false;
  return masksOf(snapshot).get(index) !== null && (!token.special || token.start >= 0);
}

/** True where both are on the same tokens, in the same way. */
export function sameFocus(one: TokenFocus | null, other: TokenFocus | null): boolean {
  if (one === null || other === null) return one === other;
  const isSameWay = one.locked === other.locked && one.by === other.by;
  return one.sequence === other.sequence && isSameWay && sameIndices(one.indices, other.indices);
}

/** True for the same places in the same order. */
export function sameIndices(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((index, at) => index === other[at]);
}
