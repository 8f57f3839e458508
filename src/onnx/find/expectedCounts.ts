/** What config.json says about the layers and heads of one kind of attention, as the graph is held against it. */
import type { AttentionKind } from '../../attention/types';
import { readModelConfig } from '../../config/modelConfig';

export interface Expected {
  /** Layers with attention; several where the config allows several readings. Empty where it says nothing. */
  readonly layers: readonly number[];
  /** Where the layers with attention are among all, from 0; undefined where all have it, or nothing is said. */
  readonly places: readonly number[] | undefined;
  /** All layers; 0 where nothing is said. */
  readonly all: number;
  /** Query heads; empty where it says nothing. */
  readonly heads: readonly number[];
  /** Key/value heads; 0 where it says nothing. */
  readonly kvHeads: number;
}

/** What the config expects of one kind of attention. */
export function expect(config: unknown, kind: AttentionKind): Expected {
  const { [kind === 'encoder' ? 'encoder' : 'decoder']: stack } = readModelConfig(config);
  const { layers, attention, groupedLayers, heads, kvHeads } = stack;
  const readings = [layers, attention?.length ?? 0, groupedLayers].filter((count) => count > 0);
  return { layers: [...new Set(readings)], places: attention, all: layers, heads, kvHeads };
}

/** True where the config's own architecture continues a text (rather than reading it whole). */
export function isCausal(config: unknown): boolean {
  return readModelConfig(config).isCausal;
}
