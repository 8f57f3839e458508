/** How near a model's numbers must be to its reference, by what its files compute in and by how much that rounds in this very model. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openModel } from '../../src/onnx/graph/onnxFile';

/** Of attention weights, and of the logits or hidden states. */
export interface Tolerance {
  readonly weights: number;
  readonly logits: number;
}

/** float32, int8 and its kin, half precision. */
const SINGLE = 2e-5;
const INTEGERS = 1e-3;
const HALF = 2e-3;
/** Kernels add up in other orders, so that one's error may be some times another's. */
const MORE = 4;
/** Where nobody measured it: how many times the tolerance the untapped file may be off by itself, so that so may its weights. */
const MOST_ROUNDING = 20;

/** The agreement wanted (fixtures' README), by what the files compute in. */
export function baseTolerance(files: readonly { readonly bytes: Uint8Array }[]): number {
  const tolerances = files.map(({ bytes }) => {
    const { graph } = openModel(bytes);
    const quantized = [...graph.all()].some((part) =>
      part.nodes.some(({ op }) =>
        /^(MatMulInteger|QLinear|DynamicQuantize|MatMulNBits|MatMulBnb4|DequantizeLinear)/.test(op),
      ),
    );
    const half = [...graph.initializers.values()].some(({ type }) => type === 10);
    return Math.max(quantized ? INTEGERS : SINGLE, half ? HALF : 0);
  });
  return Math.max(...tolerances);
}

/**
 * @param rounding of the reference's own program in the file's precision, measured against one that computes more exactly;
 * undefined where nobody measured it
 */
export function toleranceFrom(base: number, rounding: Tolerance | undefined): Tolerance {
  if (!rounding) return { weights: base, logits: base };
  return { weights: Math.max(SINGLE, MORE * rounding.weights), logits: Math.max(SINGLE, MORE * rounding.logits) };
}

/** As `toleranceFrom`, where the file as it came was run on the same provider: how far it is off shows how this provider rounds. */
export function toleranceBeside(base: number, untapped: number): Tolerance {
  const allowed = Math.max(base, Math.min(MOST_ROUNDING * base, 2 * untapped));
  return { weights: allowed, logits: allowed };
}

/** Of a fixture in a folder. */
export function toleranceOf(folder: string): Tolerance {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => ({ bytes: new Uint8Array(readFileSync(join(folder, name))) }));
  const { rounding } = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as { rounding?: Tolerance };
  return toleranceFrom(baseTolerance(files), rounding);
}
