/** How a model tells places apart: rotation angles, numbers that are added to scores, or rows that are added to the stream. */
import { apart, rowOf, type Matrix, type Vector } from './arithmetic';
import type { StageTensorData } from './stageCuts';

/** The same angle between -π and π, both included. */
export const wrapped = (angle: number): number => angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));

/**
 * Angles from their cosines and sines, one for each pair of dimensions; where each stands there twice (side by side, or one half after
 * the other), once. A factor that all of them are multiplied by (YaRN's) is no angle and drops out.
 */
export function anglesOf(cosines: Matrix, sines: Matrix): Matrix {
  const { rows, columns } = cosines;
  const whole = Float32Array.from(cosines.data, (cosine, index) => Math.atan2(sines.data[index] ?? 0, cosine));
  const all = { rows, columns, data: whole };
  const last = rowOf(all, rows - 1);
  const half = columns / 2;
  const evens = last.filter((_, index) => index % 2 === 0);
  const odds = last.filter((_, index) => index % 2 === 1);
  const isHalves = Number.isInteger(half) && apart(last.subarray(0, half), last.subarray(half)) === 0;
  const isPairs = apart(evens, odds) === 0;
  if (!isHalves && !isPairs) return all;
  const cut = (row: Float32Array): Float32Array =>
    isHalves ? row.subarray(0, half) : row.filter((_, index) => index % 2 === 0);
  const data = new Float32Array(rows * half);
  for (let row = 0; row < rows; row++) data.set(cut(rowOf(all, row)), row * half);
  return { rows, columns: half, data };
}

/** The angles of a place from those of place 1, on the turn nearest to `own`. */
export const turned = (frequencies: Vector, place: number, own: Vector): Float64Array =>
  Float64Array.from(own, (angle, pair) => {
    const product = place * (frequencies[pair] ?? 0);
    return angle + wrapped(product - angle);
  });

/** A query's row of what is added to the scores, [heads, keys]; a head or query of which there is one stands for all. */
export function biasOfHeads({ dims, data }: StageTensorData, query: number): Matrix {
  const [heads = 1, queries = 1, keys = 0] = dims.slice(-3);
  const row = Math.min(query, queries - 1);
  const own = new Float32Array(heads * keys);
  for (let head = 0; head < heads; head++)
    own.set(data.subarray((head * queries + row) * keys, (head * queries + row + 1) * keys), head * keys);
  return { rows: heads, columns: keys, data: own };
}

/**
 * True where a row is sines and cosines of its place (Vaswani et al. 2017): side by side, or all sines before all cosines as Marian
 * has them.
 */
export function isSinusoid(row: Vector, place: number): boolean {
  const width = row.length;
  const angle = (pair: number): number => place / 10000 ** ((2 * pair) / width);
  const sideBySide = Float64Array.from(row, (_, i) =>
    i % 2 === 0 ? Math.sin(angle(i / 2)) : Math.cos(angle((i - 1) / 2)),
  );
  const half = Math.floor(width / 2);
  const inHalves = Float64Array.from(row, (_, i) => (i < half ? Math.sin(angle(i)) : Math.cos(angle(i - half))));
  return Math.min(apart(sideBySide, row), apart(inHalves, row)) < 1e-3;
}
