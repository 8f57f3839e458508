/** Contributions of every attention of a text, out of what the probe gave and the weights that are held. */
import type { KindWeights } from '../../attention/attentionNumbers';
import type { LayeredKind } from '../../attention/measuredStore';
import { AttentionStore } from '../../attention/attentionStore';
import type { KindInfo } from '../../attention/types';
import { contributionsInSteps, costOf, type ContributionParts } from '../../measure/contribution/tokenContributions';
import { CONTRIBUTION } from '../../onnx/probe/contributionParts';
import type { TextProbeAnswer } from '../../protocol/engine';
import { say } from '../../text/say';
import { partsFrom } from './probedParts';

/**
 * What the heads give and what the model adds to the stream may differ by one bias and by rounding, which in int8 is about a hundredth;
 * where they differ by more the block computes something else, and shares of it would be wrong.
 */
export const MOST_MISMATCH = 0.05;
/** Multiplications that one kind of attention may take: some minutes. */
const MOST_COST = 2e11;

export type MadeKind<Kind> = Kind | { readonly reason: string };

/** @param told how much of it is done, 0 to 1 */
export function* contributionKind(
  answer: Pick<TextProbeAnswer, 'tensors' | 'gaps'>,
  info: KindInfo,
  weights: () => KindWeights,
  told: (fraction: number) => void,
): Generator<undefined, MadeKind<LayeredKind>, undefined> {
  const { kind, layers } = info;
  const all: ContributionParts[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const parts = partsFrom(answer.tensors, kind, layer);
    const { heads, queries, keys } = weights();
    if (!parts || parts.heads !== heads || parts.keys < keys || parts.result.length < queries * parts.width)
      return { reason: gapOf(answer, info) };
    all.push(upToKeys(parts, keys));
  }
  const { queries } = weights();
  const cost = all.reduce((sum, parts) => sum + costOf(queries, parts), 0);
  if (cost > MOST_COST) return { reason: say('engine.gap.tooMuch') };
  const store = new AttentionStore([{ ...info, heads: 1, kvHeads: 1 }], false);
  for (const [layer, parts] of all.entries()) {
    const { headRows } = weights();
    const steps = contributionsInSteps(parts, queries, (head) => headRows(layer, head), info.queries === info.keys);
    let done = 0;
    for (;;) {
      const { done: isDone, value } = steps.next();
      if (isDone === true) {
        if (value.mismatch > MOST_MISMATCH) return { reason: say('engine.gap.notTheSum', { layer: layer + 1 }) };
        store.append({ kind, layer, heads: 1, queries, keys: parts.keys, data: value.shares }, 0);
        break;
      }
      told((layer + done++ / (queries + parts.heads)) / layers);
      yield undefined;
    }
  }
  return { how: 'layered', fit: { measure: 'contribution', most: 1, plain: false }, store };
}

/** The parts up to `keys` tokens: the token that was written last is a key of the probe's pass, but no query has looked at it yet. */
function upToKeys(parts: ContributionParts, keys: number): ContributionParts {
  if (parts.keys === keys) return parts;
  const { heads, size, values } = parts;
  const cut = new Float32Array(heads * keys * size);
  for (let head = 0; head < heads; head++)
    cut.set(values.subarray(head * parts.keys * size, (head * parts.keys + keys) * size), head * keys * size);
  return { ...parts, keys, values: cut };
}

function gapOf({ gaps }: Pick<TextProbeAnswer, 'gaps'>, { kind }: KindInfo): string {
  const gap = gaps.find((one) => one.measure === CONTRIBUTION && one.kind === kind);
  return gap?.reason ?? say('engine.gap.otherShapes');
}
