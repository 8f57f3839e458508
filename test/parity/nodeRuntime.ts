/** onnxruntime-web's CPU build in Node, one thread: the very sessions that the engine makes in its worker. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-web/webgpu';

let ready = false;

export function useNodeRuntime(): void {
  if (ready) return;
  ready = true;
  const dist = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  ort.env.wasm.wasmBinary = readFileSync(join(dist, 'ort-wasm-simd-threaded.wasm'));
  ort.env.wasm.wasmPaths = { mjs: pathToFileURL(join(dist, 'ort-wasm-simd-threaded.mjs')).href };
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
}
