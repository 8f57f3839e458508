/** A stage of a model's computation: a tensor that can be brought out, or the reason why it cannot. */
import type { SideGraph } from '../fused/sideGraph';

/**
 * How a stage's tensor is laid out (batch 1 throughout; T tokens, M the model's width).
 * `heads` [1, H, T, D]; `flat` [H, T, D]; `joined` [1, T, H·D]; `maps` [1, H, Q, K]; `flat-maps` [H, Q, K];
 * `tokens` [1, T, features]; `rows` [T, features].
 */
export type StageLayout = 'heads' | 'flat' | 'joined' | 'maps' | 'flat-maps' | 'tokens' | 'rows';

export interface StageTensor {
  /** The graph's own tensor, or '' where a few appended nodes compute it. */
  readonly tensor: string;
  readonly layout: StageLayout;
  /** What a reader should know: what it is called in the graph, or how it is computed. */
  readonly note: string;
  /** Names the tensor; appends to `g` what is needed to compute it. */
  at(g: SideGraph): string;
}

export interface Missing {
  /** One clause that says why, such as "the scores stay inside MultiHeadAttention". */
  readonly missing: string;
}

export type Stage<T = StageTensor> = T | Missing;

/** True for the reason why a stage is not there. */
export function isMissing(stage: Stage<object>): stage is Missing {
  return 'missing' in stage;
}

/** A stage that is not there. @param reason one clause, see `Missing` */
export function missing(reason: string): Missing {
  return { missing: reason };
}

/** A tensor that the graph has. */
export function existing(tensor: string, layout: StageLayout, note = ''): StageTensor {
  return { tensor, layout, note, at: () => tensor };
}

/** A tensor that appended nodes compute from the graph's own. */
export function computed(layout: StageLayout, note: string, at: (g: SideGraph) => string): StageTensor {
  return { tensor: '', layout, note, at };
}
