/** The ways to read a text again that is on show. Pure: each makes, of what is known, what to read and what to generate. */
import { ExplainError } from '../../errors';
import type { Intervention } from '../../protocol/engine';
import type { ExplanationSnapshot } from '../../protocol/panel';
import { say } from '../../text/say';
import { leftOutToo, placeInRest, placeInWhole } from '../subject/leftOutTokens';
import { hasPair } from '../subject/textPair';
import { generatedIn } from './generating';
import type { Generated } from '../recipe/recipe';
import { UNGUIDED, unguidedLike, type PairOrder, type Reading, type Subject } from '../subject/subject';

/** An explanation whose text can be read again. */
export interface KnownText {
  readonly subject: Subject;
  readonly snapshot: ExplanationSnapshot;
  /** What was to be generated when it failed. */
  readonly replay: Generated | null;
}

/** What is read, and what is generated after it; null for the model's own choices up to the usual limit. */
export interface Rereading {
  readonly subject: Subject;
  readonly replay: Generated | null;
}

/** @throws ExplainError INVALID_REQUEST where the model cannot read it so */
export type Reread = (known: KnownText) => Rereading;

/** As it was, up to where it came or was to come: a forced text is forced and branches are taken again. */
export const asBefore: Reread = ({ subject, snapshot, replay }) => {
  const goal = replay ?? generatedIn(subject.guidance, snapshot);
  return { subject: { ...subject, guidance: UNGUIDED }, replay: goal.steps > 0 || goal.beam ? goal : null };
};

/** With the model's mask in place of exactly these source tokens. */
export const withMasks =
  (indices: readonly number[]): Reread =>
  ({ subject, snapshot }) => {
    if (snapshot.model?.fillsMasks !== true || snapshot.source.length === 0)
      throw new ExplainError('INVALID_REQUEST', say('session.noMasks'));
    const masked = [...new Set(indices)].filter((index) => index < snapshot.source.length).sort((a, b) => a - b);
    return unguided(subject, { masked });
  };

/** As a message in the model's chat template, or as it stands. */
export const asChat =
  (chat: boolean): Reread =>
  ({ subject, snapshot }) => {
    if (snapshot.model?.chatTemplate !== true) throw new ExplainError('INVALID_REQUEST', say('session.noTemplate'));
    return unguided(subject, { chat, intervention: headsOf(subject) });
  };

/** With the special tokens that are typed in the text read as text, or as those tokens. */
export const withSpecials =
  (specialsAsText: boolean): Reread =>
  ({ subject }) =>
    unguided(subject, { specialsAsText, masked: [], intervention: headsOf(subject), windowStart: 0 });

/** Two selections as a pair, the other way round, or as one text. */
export const asPair =
  (pair: PairOrder): Reread =>
  ({ subject, snapshot }) => {
    if (!hasPair(subject.explained, snapshot.model)) throw new ExplainError('PAIR_NEEDED', say('session.noPair'));
    return unguided(subject, { pair, masked: [], intervention: headsOf(subject), windowStart: 0 });
  };

/**
 * Without these pieces of the text on show as well, and without these heads; or with all of it. A forced text is forced again, as
 * what is compared is how the model reads the same. A model that fills masks reads a mask in the place of what is replaced, which is
 * what masking does.
 */
export const without =
  (wanted: Intervention | null): Reread =>
  (known) => {
    const { subject, snapshot } = known;
    if (wanted?.manner === 'replaced' && wanted.ranges.length > 0 && snapshot.model?.fillsMasks === true)
      return withMasks([...snapshot.masked, ...tokensOf(wanted)])(known);
    const before = subject.reading.intervention;
    const intervention = wanted && leftOutToo(before, wanted);
    const masked = snapshot.masked.flatMap((index) => placeInRest(placeInWhole(index, before), intervention) ?? []);
    const read = unguided(subject, { intervention, masked });
    const { forced, decoding } = subject.guidance;
    if (forced === null) return read;
    return { ...read, replay: { ...UNGUIDED, decoding, forced, steps: snapshot.steps.length, beam: null } };
  };

const tokensOf = ({ ranges }: Intervention): readonly number[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at));

/** Pieces that are left out mean nothing among other tokens; heads that are off stay off. */
function headsOf({ reading: { intervention } }: Subject): Intervention | null {
  return intervention && intervention.off.length > 0 ? { ...intervention, ranges: [] } : null;
}

/** From another token on, where the text is longer than the model takes. */
export const fromToken =
  (windowStart: number): Reread =>
  ({ subject }) =>
    unguided(subject, { windowStart, masked: [], intervention: headsOf(subject) });

/** Other tokens are read, so that what was forced or branched to before does not follow from them. */
function unguided(subject: Subject, by: Partial<Reading>): Rereading {
  return {
    subject: { ...subject, reading: { ...subject.reading, ...by }, guidance: unguidedLike(subject.guidance) },
    replay: null,
  };
}
