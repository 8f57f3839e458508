/** A text that is generated: its steps, and why it ends where it does. */
import * as v from 'valibot';
import { many, measured, record, token } from './answerParts';
import { count } from '../requests/wholeNumbers';
import { beamReport } from './beamAnswers';
import { alternativeEntries } from './textAnswers';

/** An alternative of a generated step: beside the model's own probability what the decoding settings made of it. */
const steppedAlternative = record({
  ...alternativeEntries,
  /** 0 to 1, after the settings; left out where there were none. */
  after: v.exactOptional(measured),
});

/** One decoder step: fed everything so far, it predicted `top`; `chosen` went on. */
export const decoderStep = record({
  /** Index in the target sequence of the token that this step produced. */
  index: count,
  chosen: steppedAlternative,
  /** 1-based rank of the chosen token by probability. */
  rank: count,
  /** The ten most probable next tokens, most probable first. */
  top: many(steppedAlternative),
  /** How the token came to be: the likeliest one, one drawn by chance, one of a beam, the user's branch, or a teacher-forced text. */
  origin: v.picklist(['greedy', 'sampled', 'beam', 'branch', 'forced']),
  milliseconds: measured,
});

/** Why a generation stands where it does. It can go on after all but the model's own end and its last position. */
export const generationEnd = v.picklist([
  'end-of-sequence', // the model chose to end
  'chosen-end', // the user branched to an end token
  'forced', // the forced text ends here
  'limit', // the limit of new tokens of one run
  'full', // the model takes no more tokens
  'beam', // the search is over, and went no further with this text
  'steps', // as many steps as were asked for
  'stopped', // the user stopped it
]);

export const generateResult = record({
  end: generationEnd,
  target: many(token),
  steps: many(decoderStep),
  /** The search that the text is of; null where there was none. */
  beams: v.nullable(beamReport),
});

export type SteppedAlternative = v.InferOutput<typeof steppedAlternative>;
export type DecoderStep = v.InferOutput<typeof decoderStep>;
export type GenerationEnd = v.InferOutput<typeof generationEnd>;
export type GenerateResult = v.InferOutput<typeof generateResult>;
