/** Tensors as the Python references have them: base64 of little-endian float32, row-major, the batch left out. */
import type { ProbeResult } from './probeRun';

export interface Packed {
  readonly shape: readonly number[];
  readonly data: string;
}

export function numbers({ data }: Packed): Float32Array {
  const bytes = Buffer.from(data, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Scores and streams are numbers up to 60, and float32 has seven digits: differences are measured by the largest, at least 1. */
export function size(wanted: Float32Array): number {
  return wanted.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
}

/** Joined heads [T, H·D] as [H, T, D], so that all layouts compare. */
export function byHeads(
  { data, layout, dims }: ProbeResult,
  [heads = 1, tokens = 1, size = 1]: readonly number[],
): Float32Array {
  if (layout !== 'joined') return data;
  const out = new Float32Array(data.length);
  const width = dims.at(-1) ?? 0;
  for (let head = 0; head < heads; head++)
    for (let token = 0; token < tokens; token++)
      for (let i = 0; i < size; i++)
        out[(head * tokens + token) * size + i] = data[token * width + head * size + i] ?? Number.NaN;
  return out;
}
