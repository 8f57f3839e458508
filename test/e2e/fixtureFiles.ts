/** Models of the fixtures as a user has them in a folder: their files, with a tokenizer. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asciiTokenizer, asciiTokenizerConfig } from '../support/asciiTokenizer';
import type { TaskCase } from '../parity/taskFixture';
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

const TASKS = join(ROOT, 'test', 'fixtures', 'tasks');

/** A model with a task head, with what `transformers` answers. */
export async function taskFolder(fixture: string): Promise<{
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly cases: readonly TaskCase[];
}> {
  const read = (name: string) => readFile(join(TASKS, fixture, name));
  const names = (await readdir(join(TASKS, fixture))).filter((name) => name !== 'answers.json');
  const files = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
  const { cases } = JSON.parse((await read('answers.json')).toString()) as { readonly cases: readonly TaskCase[] };
  return { files, cases };
}

export const inFolder = (folder: string, files: Readonly<Record<string, Uint8Array>>) =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`${folder}/${path}`, bytes]));
