/** A measure that was made of a text, in place of its weights. */
import type { Content } from '../../attention/content';
import type { AttentionKind, MeasureFit, ProbedMeasure } from '../../attention/types';

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
