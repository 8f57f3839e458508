/** What each weight of a text moves (Kobayashi et al. 2020): norms that the probe gave, for the weights that are held to be multiplied by. */
import type { KindWeights } from '../../attention/attentionNumbers';
import type { ScaledKind } from '../../attention/measuredStore';
import type { KindInfo } from '../../attention/types';
import { PLAIN_NORM, PROJECTED_NORM } from '../../onnx/probe/valueNorms';
import type { TextProbeAnswer } from '../../protocol/engine';
import { say } from '../../text/say';
import type { MadeKind } from './contributionKind';

/** Takes norms with the output projection where every layer has them, else those without it; gives the reason where some layer has neither. */
export function* movedKind(
  answer: Pick<TextProbeAnswer, 'tensors' | 'gaps'>,
  info: KindInfo,
  weights: () => KindWeights,
  told: (fraction: number) => void,
): Generator<undefined, MadeKind<ScaledKind>, undefined> {
  const { kind, layers, heads } = info;
  for (const measure of [PROJECTED_NORM, PLAIN_NORM]) {
    const tensors = answer.tensors.filter((one) => one.measure === measure && one.kind === kind);
    const factors = Array.from({ length: layers }, (_, layer) => tensors.find((one) => one.layer === layer)?.data);
    const [first] = factors;
    const keys = (first?.length ?? 0) / heads;
    const isWhole = factors.every((one): one is Float32Array => one?.length === first?.length);
    if (!isWhole || keys < weights().keys || !Number.isInteger(keys) || keys === 0) continue;
    const most = yield* largestMoved(factors, keys, weights, told);
    return { how: 'scaled', fit: { measure: 'moved', most, plain: measure === PLAIN_NORM }, factors, keys };
  }
  const gap = answer.gaps.find((one) => one.measure === PLAIN_NORM && one.kind === kind);
  return { reason: gap?.reason ?? say('engine.gap.otherShapes') };
}

function* largestMoved(
  factors: readonly Float32Array[],
  stride: number,
  weights: () => KindWeights,
  told: (fraction: number) => void,
): Generator<undefined, number, undefined> {
  const { layers, heads } = weights();
  let most = 0;
  for (let at = 0; at < layers * heads; at++) {
    const { keys, headRows } = weights();
    const head = at % heads;
    const rows = headRows(Math.floor(at / heads), head);
    const own = factors[Math.floor(at / heads)] ?? new Float32Array();
    for (let from = 0; from < rows.length; from += keys)
      for (let key = 0; key < keys; key++)
        most = Math.max(most, (rows[from + key] as number) * (own[head * stride + key] as number)); // key < keys <= stride
    told((at + 1) / (layers * heads));
    yield undefined;
  }
  return most;
}
