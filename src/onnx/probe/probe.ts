/**
 * A probe: a named set of nodes that are appended to a graph, and the outputs that they make. It is plain data, made from an
 * anatomy alone; `edit/withProbes.ts` writes it into a file.
 */
import type { AttentionKind } from '../../attention/types';
import type { StageLayout } from '../anatomy/stage';
import { PROBE_PREFIX } from '../graph/addedNames';
import type { WireWriter } from '../wire/writer';

export interface ProbeOutput {
  /** The output's name in the edited model; the same in both branches of a merged decoder. */
  readonly name: string;
  /** What is measured: a stage's name, `projectedValueNorm`, `valueNorm`, `lens`, or a part that contributions are made of. */
  readonly measure: string;
  readonly kind: AttentionKind;
  /** Layer or block; -1 for what comes before the first or belongs to the whole file. */
  readonly layer: number;
  /** Float32 of this layout; `norms` is [1, heads, keys], `logits` [1, rows, vocabulary], `matrix` [features in, features out], `number` [1]. */
  readonly layout: StageLayout | 'norms' | 'logits' | 'matrix' | 'number';
}

/** An output that a probe was asked for and the graph cannot give. */
export interface ProbeGap {
  readonly measure: string;
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly reason: string;
}

/** An input that a probe adds to the model. */
export interface ProbeInput {
  readonly name: string;
  readonly type: 'float32' | 'int64';
  readonly dims: readonly (number | string)[];
}

export interface Probe {
  /** `lens`, `valueNorms`, … or a stage's name: what a request asks for. */
  readonly name: string;
  /** NodeProtos, in order. */
  readonly nodes: readonly WireWriter[];
  readonly outputs: readonly ProbeOutput[];
  readonly inputs: readonly ProbeInput[];
  readonly gaps: readonly ProbeGap[];
}

/** The name of a probe's output, such as `explain.lens.decoder.3`; `start` stands for layer -1. */
export function outputName(measure: string, kind: AttentionKind, layer: number): string {
  return `${PROBE_PREFIX}${measure}.${kind}.${layer < 0 ? 'start' : layer}`;
}
