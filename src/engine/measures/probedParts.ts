/** What a probe of contributions gave for one attention, with its sizes; undefined where something is missing. */
import type { AttentionKind } from '../../attention/types';
import type { ContributionParts } from '../../measure/contribution/tokenContributions';
import { CONTRIBUTION_PARTS } from '../../onnx/probe/contributionParts';
import type { ProbedTensor } from '../../protocol/engine';

export function partsFrom(
  tensors: readonly Pick<ProbedTensor, 'measure' | 'kind' | 'layer' | 'dims' | 'data'>[],
  kind: AttentionKind,
  layer: number,
): ContributionParts | undefined {
  const find = (name: keyof typeof CONTRIBUTION_PARTS): (typeof tensors)[number] | undefined =>
    tensors.find((one) => one.measure === CONTRIBUTION_PARTS[name] && one.kind === kind && one.layer === layer);
  const values = find('values');
  const matrix = find('matrix');
  const residual = find('residual');
  const added = find('added');
  const result = find('result');
  if (!values || !matrix || !residual || !added || !result) return undefined;
  const [heads = 0, keys = 0, size = 0] = values.dims.slice(-3);
  const width = matrix.dims.at(-1) ?? 0;
  const rows = (result.dims.at(-2) ?? 0) * width;
  const fits =
    values.data.length === heads * keys * size &&
    matrix.data.length === heads * size * width &&
    [residual, added, result].every(({ data }) => data.length === rows);
  if (!fits) return undefined;
  return {
    heads,
    keys,
    size,
    width,
    values: values.data,
    matrix: matrix.data,
    residual: residual.data,
    scale: find('scale')?.data,
    added: added.data,
    result: result.data,
  };
}
