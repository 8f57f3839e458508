/** Models of the fixtures as a user has them in a folder: their files, with a tokenizer. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asciiTokenizer, asciiTokenizerConfig } from '../support/asciiTokenizer';
import { ROOT } from '../support/paths.mjs';

const FIXTURES = join(ROOT, 'test', 'fixtures', 'transformers');

/** A model of one graph file. */
export async function modelFiles(fixture: string): Promise<Readonly<Record<string, Uint8Array>>> {
  const read = (name: string) => readFile(join(FIXTURES, fixture, name));
  return {
    'config.json': await read('config.json'),
    'tokenizer.json': Buffer.from(asciiTokenizer()),
    'tokenizer_config.json': Buffer.from(asciiTokenizerConfig()),
    'onnx/model.onnx': await read('model.onnx'),
  };
}

export const inFolder = (folder: string, files: Readonly<Record<string, Uint8Array>>) =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`${folder}/${path}`, bytes]));
