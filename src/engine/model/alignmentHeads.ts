import type { HeadRef, KindInfo } from '../../attention/types';
import { readGenerationConfig } from '../../config/generationConfig';

/**
 * The cross-attention heads that a model's maker names as aligning source and target: `alignment_heads` of
 * generation_config.json, pairs [layer, head] from 0, as Whisper's has it. Pairs that the model does not have are left out.
 */
export function alignmentHeads(generationConfig: unknown, kinds: readonly KindInfo[]): readonly HeadRef[] {
  const cross = kinds.find(({ kind }) => kind === 'cross');
  if (!cross) return [];
  const within = (value: unknown, limit: number): value is number =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < limit;
  return readGenerationConfig(undefined, generationConfig).alignmentHeads.flatMap((pair): HeadRef[] => {
    if (!Array.isArray(pair)) return [];
    const [layer, head] = pair as unknown[];
    return within(layer, cross.layers) && within(head, cross.heads) ? [{ kind: 'cross', layer, head }] : [];
  });
}
