/** Generating a text: its steps, and the ways to go on with it. */
import type { Token } from '../../attention/types';
import type { DecodingSettings } from '../decodingSettings';
import type { BeamReport } from './beamMessages';
import type { Alternative } from './textMessages';

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

export interface GenerateRequest {
  readonly explanation: string;
  /** How many tokens to produce at most; of a search how many steps. */
  readonly maxSteps: number;
  /** Settings in place of the model's own rules; left out: the likeliest token each time, by these rules. */
  readonly decoding?: DecodingSettings;
}

export interface GenerateResult {
  readonly end: GenerationEnd;
  readonly target: readonly Token[];
  readonly steps: readonly DecoderStep[];
  /** The search that the text is of; null where there was none. */
  readonly beams: BeamReport | null;
}

export interface BranchRequest {
  readonly explanation: string;
  /** Index in `steps` of the step to redo; later steps are dropped. */
  readonly step: number;
  /** The token to go on with; -1 to drop the step and what follows. */
  readonly token: number;
  /** How what follows is to be chosen: settings that the model cannot have are refused before anything is dropped. */
  readonly decoding?: DecodingSettings;
}

export interface ForceRequest {
  readonly explanation: string;
  readonly text: string;
  /** A first token that the settings force comes before the text. */
  readonly decoding?: DecodingSettings;
}
