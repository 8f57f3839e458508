/** The runtime's files as they ship, one build for each way to run a model. */
import type { RuntimeBuild, RuntimeFiles } from '../../protocol/engine';
import type { OwnFiles } from '../ownFiles';

const NAMES: Readonly<Record<RuntimeBuild, string>> = {
  cpu: 'ort-wasm-simd-threaded',
  jspi: 'ort-wasm-simd-threaded.jspi',
  asyncify: 'ort-wasm-simd-threaded.asyncify',
};

/** Paths inside the extension's folder. */
export function runtimePaths(build: RuntimeBuild): readonly [wasm: string, glue: string] {
  const path = `dist/ort/${NAMES[build]}`;
  return [`${path}.wasm.gz`, `${path}.mjs`];
}

/** @throws ExplainError MODEL_FILE_MISSING */
export async function readRuntime(own: OwnFiles, build: RuntimeBuild): Promise<RuntimeFiles> {
  const [wasm, glue] = runtimePaths(build);
  const [wasmGzip, mjs] = await Promise.all([own.read(wasm), own.readText(glue)]);
  return { build, wasmGzip, mjs };
}
