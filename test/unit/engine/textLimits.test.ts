/** How long a text may be, by what is kept of it. */
import { describe, expect, test } from 'vitest';
import type { KindInfo } from '../../../src/attention/types';
import { TextLimits } from '../../../src/engine/model/textLimits';
import { readModelSpec } from '../../../src/transformer/spec';

const kindsOf = (layers: number, heads: number): readonly KindInfo[] => [
  { kind: 'decoder', layers, heads, kvHeads: heads, queries: 'target', keys: 'target' },
];

function limitsOf(
  positions: number,
  decoder: { scales: readonly number[] | undefined; takesParts: boolean },
): TextLimits {
  const config = {
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    n_layer: 12,
    n_head: 12,
    n_embd: 768,
    vocab_size: 100,
    n_positions: positions,
  };
  return new TextLimits(readModelSpec(config, undefined, 'decoder-only'), Infinity, kindsOf(12, 12), decoder);
}

const SCALES = Array.from({ length: 12 }, () => 0.125);

describe('12 layers of 12 heads of width 64', () => {
  test('4,096 tokens are read whole where queries and keys are kept, and some are written after them', () => {
    const limits = limitsOf(8192, { scales: SCALES, takesParts: true });
    expect([limits.maxTokens, limits.prompt]).toEqual([4352, 4096]);
    expect(limits.reading(4096)).toEqual({ keep: 'queries', room: 4352 });
    expect(limits.notes.join()).toContain('cut at 4352 of the model’s 8192 tokens');
    // Queries and keys, 12 bytes a row, a byte a tile of 8 by 8, and a part's weights for a moment.
    const bytes = 144 * 4352 * (2 * 4 * 64 + 12 + 4 * 16 + 4352 / 128);
    expect(bytes).toBeLessThan(400e6);
    expect(limitsOf(4096, { scales: SCALES, takesParts: true }).notes).toEqual([]);
  });

  test('where weights are to be kept, as many as are 700 MB: half as many pairs in parts as in one pass', () => {
    const whole = limitsOf(8192, { scales: undefined, takesParts: false });
    expect([whole.maxTokens, whole.reading(9).keep]).toEqual([1102, 'weights']);
    expect(4 * 144 * whole.maxTokens ** 2).toBeLessThanOrEqual(700e6);
    const parts = limitsOf(8192, { scales: undefined, takesParts: true });
    expect(parts.maxTokens).toBe(1527);
    expect(parts.notes.join()).toContain('700 MB');
  });

  test('weights that turn out not to be those of queries and keys are kept from then on', () => {
    const decoder: { scales: readonly number[] | undefined; takesParts: boolean } = {
      scales: SCALES,
      takesParts: true,
    };
    const limits = limitsOf(8192, decoder);
    decoder.scales = undefined;
    expect([limits.target, limits.prompt, limits.reading(1200).keep]).toEqual([1527, 1271, 'weights']);
  });
});
