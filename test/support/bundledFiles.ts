import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelFiles } from '../../src/protocol/engine';

const FOLDER = join(import.meta.dirname, '../../models/en-fr');

/** Of the bundled model what an explanation reads, as paths in its folder. */
export const BUNDLED_FILES: readonly string[] = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'onnx/encoder_model.onnx',
  'onnx/decoder_model_merged.onnx',
];

/** Those files, as they are. */
export const bundledFiles = (): ModelFiles =>
  Object.fromEntries(BUNDLED_FILES.map((path) => [path, new Uint8Array(readFileSync(join(FOLDER, path)))]));
