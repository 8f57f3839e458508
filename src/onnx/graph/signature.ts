/** What a model file takes and gives, from its own declaration: onnxruntime-web may not tell element types and symbolic dimensions. */
import { ELEMENT_TYPES, type ValueInfo } from '../wire/proto';
import type { OnnxModel } from './onnxFile';
import type { ModelSignature, TensorSignature } from '../types';

/** Inputs and outputs as declared, without inputs that only name weights (as old files do). */
export function signatureOf({ graph }: OnnxModel): ModelSignature {
  return {
    inputs: graph.inputs.filter((input) => !graph.initializers.has(input.name)).map(describeValue),
    outputs: graph.outputs.map(describeValue),
  };
}

/** A declared input or output as `TensorSignature`. */
export function describeValue(value: ValueInfo): TensorSignature {
  // A type that is not known here is declared as `string`, which nothing ever feeds: such an input is refused by its name.
  return { name: value.name, type: ELEMENT_TYPES[value.type] ?? 'string', dims: value.dims };
}
