/** The places of a text that the model predicted, and the tokens that its logits can be asked about there. */
import type { SequenceName, Token } from '../../../src/attention/types';
import type { WholeView } from '../../../src/protocol/defaultView';
import type { Alternative } from '../../../src/protocol/engine';
import type { ExplanationSnapshot, TokenFocus } from '../../../src/protocol/panel';

export interface PredictedPlace {
  /** In the text that is written; of a masked token in the text that is read. */
  readonly index: number;
  /** What came there, or what the mask hides, then the others, likeliest first. */
  readonly candidates: readonly Pick<Alternative, 'id' | 'text' | 'parts' | 'probability'>[];
}

type AttributionChoice = NonNullable<WholeView['attribution']>;

/** What was written step by step, or what masks hide. None of a model that answers a task, and before anything is written. */
export function predictedPlaces(snapshot: ExplanationSnapshot | null): readonly PredictedPlace[] {
  if (!snapshot || snapshot.answer) return [];
  const places = [
    ...snapshot.steps.map(({ index, chosen, top }) => ({ index, first: chosen, top })),
    ...snapshot.fills.map(({ index, original, top }) => ({ index, first: original ?? top[0], top })),
  ];
  return places.flatMap(({ index, first, top }): PredictedPlace[] =>
    first ? [{ index, candidates: [first, ...top.filter(({ id }) => id !== first.id)] }] : [],
  );
}

const sequenceOf = (snapshot: ExplanationSnapshot | null): SequenceName =>
  (snapshot?.steps.length ?? 0) > 0 ? 'target' : 'source';

/** The place of a locked token, or the first. */
export function firstChoice(snapshot: ExplanationSnapshot | null, focus: TokenFocus | null): AttributionChoice | null {
  const places = predictedPlaces(snapshot);
  const locked = focus?.locked === true && focus.sequence === sequenceOf(snapshot) ? focus.indices : [];
  const place = places.find(({ index }) => locked.includes(index)) ?? places[0];
  return place ? likelyChoice(place) : null;
}

/** What came, held against what was likeliest beside it. */
export function likelyChoice({ index, candidates: [came, next] }: PredictedPlace): AttributionChoice {
  return { index, token: came?.id ?? 0, other: next?.id ?? null };
}

/** What was chosen, in the text on show: a place or a token that it does not have is replaced by what is there. */
export function choiceWithin(
  places: readonly PredictedPlace[],
  chosen: WholeView['attribution'],
): AttributionChoice | null {
  if (!chosen) return null;
  const place = places.find(({ index }) => index === chosen.index);
  if (!place) return places[0] ? likelyChoice(places[0]) : null;
  const has = (id: number | null): boolean => place.candidates.some((one) => one.id === id);
  if (!has(chosen.token)) return likelyChoice(place);
  const isOther = chosen.other === null || (has(chosen.other) && chosen.other !== chosen.token);
  return isOther ? chosen : { ...chosen, other: null };
}

/** The token that stands at a place of the text. */
export const tokenAt = (snapshot: ExplanationSnapshot | null, { index }: PredictedPlace): Token | undefined =>
  snapshot?.[sequenceOf(snapshot)][index];
