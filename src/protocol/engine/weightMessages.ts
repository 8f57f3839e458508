/** Questions about the weights of a text, and about a measure in their place. */
import type { Content } from '../../attention/content';
import type {
  AttentionKind,
  AxisName,
  HeadRef,
  MapRef,
  MeasureFit,
  ProbedMeasure,
  SequenceName,
  Sieve,
} from '../../attention/types';
import type { ModelFiles } from './modelMessages';

/** Of what weights are asked for. */
export interface WeightsQuery {
  readonly explanation: string;
  /**
   * The tokens that the question is about: it is answered about those, however many were written since, and with
   * TEXT_CHANGED where they are no longer the text's. Left out: about the tokens that there are.
   */
  readonly of?: Content;
}

/** A map of a head or of several; the head's weights between tokens where measure, source and axis are left out. */
export interface MapQuery extends WeightsQuery, HeadRef, Partial<Pick<MapRef, 'measure' | 'source' | 'axis'>> {
  /** Cut or renormalise its rows. */
  readonly sieve?: Sieve;
}

export interface TokenQuery extends WeightsQuery {
  /** A measure that was made, in place of the weights. */
  readonly measure?: ProbedMeasure;
  readonly sequence: SequenceName;
  /** One token, or several to be taken together; between words those that have any of these tokens. */
  readonly indices: readonly number[];
  /** Between what; tokens where it is left out. */
  readonly axis?: AxisName;
  /** Ask for rollout too, up to and with this layer. */
  readonly rollout?: number;
}

export interface AtlasQuery extends WeightsQuery {
  /** A measure that was made, in place of the weights. */
  readonly measure?: ProbedMeasure;
  readonly kind: AttentionKind;
  /** Most bins along a side. */
  readonly maxCell: number;
  /** Leave special tokens' rows and columns out (they show as 0). */
  readonly hideSpecial: boolean;
  /** Pictures between what; tokens where it is left out. Sink mass and entropy are of the model's own rows. */
  readonly axis?: AxisName;
}

export interface RolesQuery extends WeightsQuery {
  readonly kind: AttentionKind;
}

/** Asks for a measure to be made of an explained text as it stands; see `MeasureReport`. */
export interface MeasureRequest extends WeightsQuery {
  readonly measure: ProbedMeasure;
  /** The model's files, where the sessions that it needs were not made yet. */
  readonly files?: ModelFiles;
}

/** A measure that is there: from now on it can be asked for in place of the weights, for as long as the text begins with `of`. */
export interface MeasureReport {
  readonly measure: ProbedMeasure;
  readonly of: Content;
  /** Of each kind of attention what it is, or why the model cannot give it, as a clause; its weights are given instead then. */
  readonly kinds: readonly {
    readonly kind: AttentionKind;
    readonly fit: MeasureFit | null;
    readonly reason: string;
  }[];
  readonly milliseconds: number;
}
