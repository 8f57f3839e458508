/** Reading tensors as float32, whatever floating type the graph gives. */
import { ExplainError } from '../errors';
import { halfToSingle } from './float16';
import type { ElementArray, Tensor } from './tensorSession';
import { say } from '../text/say';

/** Elements as float32: the same memory where they are. @throws ExplainError LAYOUT_UNSUPPORTED */
export function toSingle(type: string, data: ElementArray): Float32Array {
  if (data instanceof Float32Array) return data;
  if (type === 'float16') {
    // Newer runtimes hand out a Float16Array; its bits are read through the same table.
    return halfToSingle(
      data instanceof Uint16Array ? data : new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2),
    );
  }
  if (data instanceof Float64Array) return Float32Array.from(data);
  throw new ExplainError('LAYOUT_UNSUPPORTED', say('transformer.notFloating', { type }));
}

/** Downloads a float32, float16 or float64 tensor as float32, row-major, and frees it. */
export async function readFloats(tensor: Tensor): Promise<Float32Array> {
  const data = toSingle(tensor.type, await tensor.read());
  tensor.dispose();
  return data;
}
