/** Which of a file's declared outputs is its result. The finder of a graph's anatomy and the code that runs it both ask here. */
import type { TensorSignature } from '../onnx/types';

const FLOATS = new Set(['float32', 'float16', 'float64']);

/** False where the declaration says that an output is no numbers (ids and masks passed through); a file may leave the type out. */
export function mayBeResult({ type, dims }: Pick<TensorSignature, 'type' | 'dims'>): boolean {
  return FLOATS.has(type) || (type === 'string' && dims === null);
}

/**
 * The likeliest result of those that can be it: by name, then by shape, then by place.
 * @param names usual names, the wanted ones first
 * @param dimsOf an output's declared dimensions, where there are any
 * @param width of the last dimension, where it is known; 0 otherwise
 */
export function likeliestResult(
  outputs: readonly string[],
  names: readonly string[],
  dimsOf: (name: string) => TensorSignature['dims'] | undefined,
  width = 0,
): string | undefined {
  const named = names.find((name) => outputs.includes(name));
  if (named !== undefined) return named;
  const rank = (name: string): number => rankOf(dimsOf(name), width);
  return [...outputs].sort((a, b) => rank(b) - rank(a))[0];
}

/** How much an output looks like numbers for each token: the wanted width first, then [batch, tokens, features]. */
function rankOf(dims: TensorSignature['dims'] | undefined, width: number): number {
  if (!dims) return 1;
  if (dims.length === 3) return width > 0 && dims[2] === width ? 3 : 2;
  return dims.length === 2 ? 1 : 0;
}
