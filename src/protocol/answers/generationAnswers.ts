/** A text that is generated: its steps, and why it ends where it does. */
import type { Token } from '../../attention/types';
import type { BeamReport } from './beamAnswers';
import type { Alternative } from './textAnswers';

/** An alternative of a generated step: beside the model's own probability what the decoding settings made of it. */
export interface SteppedAlternative extends Alternative {
  /** 0 to 1, after the settings; left out where there were none. */
  readonly after?: number;
}

/** One decoder step: fed everything so far, it predicted `top`; `chosen` went on. */
export interface DecoderStep {
  /** Index in the target sequence of the token that this step produced. */
  readonly index: number;
  readonly chosen: SteppedAlternative;
  /** 1-based rank of the chosen token by probability. */
  readonly rank: number;
  /** The ten most probable next tokens, most probable first. */
  readonly top: readonly SteppedAlternative[];
  /** How the token came to be: the likeliest one, one drawn by chance, one of a beam, the user's branch, or a teacher-forced text. */
  readonly origin: 'greedy' | 'sampled' | 'beam' | 'branch' | 'forced';
  readonly milliseconds: number;
}

/** Why a generation stands where it does. It can go on after all but the model's own end and its last position. */
export type GenerationEnd =
  | 'end-of-sequence' // the model chose to end
  | 'chosen-end' // the user branched to an end token
  | 'forced' // the forced text ends here
  | 'limit' // the limit of new tokens of one run
  | 'full' // the model takes no more tokens
  | 'beam' // the search is over, and went no further with this text
  | 'steps' // as many steps as were asked for
  | 'stopped'; // the user stopped it

export interface GenerateResult {
  readonly end: GenerationEnd;
  readonly target: readonly Token[];
  readonly steps: readonly DecoderStep[];
  /** The search that the text is of; null where there was none. */
  readonly beams: BeamReport | null;
}
