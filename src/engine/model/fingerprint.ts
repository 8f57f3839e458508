/** What tells a model's files from others of the same name, without reading all of them: their paths, sizes and samples. */
import { FNV_START, fnvStep } from '../../hash/fnv';
import type { ModelFiles } from '../../protocol/engine';

/** Bytes that are looked at in each file, spread over it. */
const SAMPLES = 4096;

/** @returns eight hexadecimal digits; the same for the same files, whatever order they come in */
export function fingerprintOf(files: ModelFiles): string {
  let hash = FNV_START;
  const take = (byte: number): void => void (hash = fnvStep(hash, byte));
  const text = new TextEncoder();
  for (const path of Object.keys(files).sort()) {
    const file = files[path] ?? new Uint8Array(0);
    text.encode(`${path}:${file.length};`).forEach(take);
    const step = Math.max(1, file.length / SAMPLES);
    for (let at = 0; at < file.length; at += step) take(file[Math.floor(at)] ?? 0);
  }
  return hash.toString(16).padStart(8, '0');
}
