/** The element type of a model's attention, for numbers that are brought into it. */
import type { AttentionAnatomy, GraphAnatomy } from '../anatomy/anatomy';
import { isMissing } from '../anatomy/stage';
import type { SideGraph } from '../fused/sideGraph';
import { FLOAT } from '../wire/proto';

/** An ONNX element type, or that of the tensor which a number meets. */
export type AttentionType = number | 'like';

/** float32, float16, float64, bfloat16. */
const FLOATS: readonly number[] = [1, 10, 11, 16];

/**
 * The element type that the heads compute in, told from the projection's weights. Where those do not tell, a number is cast to
 * the type of the tensor that it meets (`CastLike`), which operator sets before 15 do not have: they get float32.
 */
export function attentionType({ view }: GraphAnatomy, { projection }: AttentionAnatomy): AttentionType {
  if (isMissing(projection)) return view.opset >= 15 ? 'like' : FLOAT;
  const { node } = projection;
  if (node.op === 'MatMulInteger' || node.op === 'DynamicQuantizeMatMul') return FLOAT;
  const types = node.inputs.map((name) => view.graph.initializer(name)?.type ?? 0);
  return types.find((type) => FLOATS.includes(type)) ?? (view.opset >= 15 ? 'like' : FLOAT);
}

/** A float32 tensor in the element type `type`. @param met a tensor of that type */
export function castTo(g: SideGraph, tensor: string, type: AttentionType, met: string): string {
  if (type === 'like') return g.add('CastLike', [tensor, met]);
  return type === FLOAT ? tensor : g.add('Cast', [tensor], { to: type });
}
