/** Whether heads look at what an output needs: each head's attention beside what leaving out costs. */
import type { AttentionKind, ModelFamily, TokenRange } from '../../attention/types';
import { rankCorrelation } from '../../measure/rankCorrelation';
import type { HeadAgreement } from '../../protocol/engine';
import type { ComputedExplanation } from '../text/computedExplanation';

/** The attention that goes from the output to the input. */
const LOOKING: Readonly<Record<ModelFamily, AttentionKind>> = {
  'encoder-decoder': 'cross',
  'decoder-only': 'decoder',
  'encoder-only': 'encoder',
};

/**
 * Spearman's correlation, over the pieces whose cost is known, of each head's mean weight from where the output is predicted to a
 * piece with what leaving the piece out costs; null where the model has no such attention.
 */
export function agreementOf(
  { store, model }: Pick<ComputedExplanation, 'store' | 'model'>,
  rows: readonly number[],
  ranges: readonly TokenRange[],
  costs: Float32Array,
): HeadAgreement | null {
  const { kinds, family } = model.report;
  // A model that only reads may look back only, as a decoder does: its one kind is that.
  const info = kinds.find((one) => one.kind === LOOKING[family]) ?? (family === 'encoder-only' ? kinds[0] : undefined);
  const looks =
    info && store.tokenWeights(info.queries, rows).find((one) => one.kind === info.kind && one.role === 'query');
  if (!looks) return null;
  const { kind } = info;
  const { layers, heads, length, data } = looks;
  const known = ranges.flatMap((range, at) => (Number.isNaN(costs[at]) ? [] : [{ range, cost: costs[at] as number }])); // at < ranges
  const correlations = new Float32Array(layers * heads);
  for (let head = 0; head < correlations.length; head++) {
    const row = data.subarray(head * length, (head + 1) * length);
    const seen = known.map(({ range }) => row.subarray(range.from, range.to).reduce((sum, one) => sum + one, 0));
    correlations[head] = rankCorrelation(
      seen,
      known.map(({ cost }) => cost),
    );
  }
  return { kind, layers, heads, correlations };
}
