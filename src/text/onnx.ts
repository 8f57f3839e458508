/** Sentences of the room `onnx`. Keys begin with `onnx.`. */
export const ONNX = {} as const;
