/** The products with weights in a step of the lesson, and the activation that is found to follow one. */
import { ACTIVATIONS, affine, apart, columnOf, type ActivationName, type Matrix, type Vector } from './arithmetic';
import { biasOfStage } from './stageCuts';
import { SAME_STEP, type StepMaker } from './stepMaker';

/** More products than these would keep the worker from hearing for long: the whole is not computed again then. */
const MOST_PRODUCTS = 2 ** 28;

/** What a product of the followed token is made of, as far as it is there. */
function factorsOf(
  make: StepMaker,
  name: string,
): { readonly input: Vector | undefined; readonly weight: Matrix | undefined; readonly bias: Vector | null } {
  const bias = make.find(`${name}Bias`);
  return {
    input: make.tokenRow(`${name}Input`),
    weight: make.matrix(`${name}Weight`),
    bias: bias ? biasOfStage(bias) : null,
  };
}

/** A step that is one product with a weight: its input, its result, and the column that makes the number that is looked into. */
export function product(
  make: StepMaker,
  name: string,
  shown: string,
  own: Float32Array | undefined,
  result: string,
): void {
  const { input, weight, bias } = factorsOf(make, name);
  if (input && shown !== '') make.put(shown, input);
  if (own) make.put(result, own);
  if (input && weight) {
    const column = Math.min(make.place.feature, weight.columns - 1);
    make.put('column', columnOf(weight, column));
    make.numbers['bias'] = bias?.[column] ?? 0;
  }
  const isSmall = weight !== undefined && weight.rows * weight.columns <= MOST_PRODUCTS;
  make.check(result, input && weight && isSmall ? affine(input, weight, bias) : undefined, own);
}

/** Queries, keys and values may be one packed product: where in it a head's columns are shows in its own numbers. */
export function bestOffset(
  input: Vector,
  weight: Matrix,
  bias: Vector | null,
  size: number,
  { head, heads }: { readonly head: number; readonly heads: number },
  own: Vector,
): { readonly from: number; readonly values: Float64Array } {
  const groups = Math.max(1, weight.columns / size);
  // A head of its own, or one of a group that shares keys and values; then the same in the second and third part of a packed product.
  const places = [head, Math.floor((head * groups) / heads), heads + head, 2 * heads + head].filter(
    (place) => place < groups,
  );
  const tried = [...new Set(places)].map((place) => {
    const values = affine(input, weight, bias, place * size, size);
    return { from: place * size, values, off: apart(values, own) };
  });
  const [first, ...others] = tried;
  const best = others.reduce((one, other) => (one && one.off <= other.off ? one : other), first);
  return best ?? { from: 0, values: new Float64Array(size) };
}

/** All numbers of a product of the followed token; undefined where it is not there. */
export function wholeProduct(make: StepMaker, name: string): Float64Array | undefined {
  const { input, weight, bias } = factorsOf(make, name);
  return input && weight && affine(input, weight, bias);
}

interface Activated {
  readonly name: ActivationName;
  readonly values: Float64Array;
}

/** The activation that makes the inner numbers of what goes in; undefined where none of those that are known does. */
export function activationOf(before: Vector, own: Vector): Activated | undefined {
  return nearest(own, (activation) => Float64Array.from(before, activation));
}

/** The same for two products, one of which goes through the activation and is multiplied with the other (Shazeer 2020). */
export function gatedOf(one: Vector, other: Vector, own: Vector): Activated | undefined {
  const through = (gate: Vector, up: Vector): Activated | undefined =>
    nearest(own, (activation) => Float64Array.from(gate, (value, i) => activation(value) * (up[i] ?? NaN)));
  return through(one, other) ?? through(other, one);
}

function nearest(
  own: Vector,
  valuesOf: (activation: (value: number) => number) => Float64Array,
): Activated | undefined {
  const tried = (Object.keys(ACTIVATIONS) as ActivationName[]).map((name) => {
    const values = valuesOf(ACTIVATIONS[name]);
    return { name, values, off: apart(values, own) };
  });
  const [best] = tried.sort((a, b) => a.off - b.off);
  return best && best.off < SAME_STEP ? best : undefined;
}
