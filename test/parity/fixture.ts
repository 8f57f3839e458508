/** A model folder with a reference.json, as test/fixtures/transformers/README.md describes it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../src/json/parse';
import type { GraphRole } from '../../src/onnx/types';
import type { Tolerance } from './tolerance';

export interface ReferenceTensor {
  /** [heads, queries, keys], or the logits' shape. */
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface Reference {
  readonly model_type: string;
  readonly architecture: string;
  readonly input_ids: readonly number[];
  readonly decoder_input_ids?: readonly number[];
  readonly attentions: {
    readonly encoder_self?: readonly ReferenceTensor[];
    readonly decoder_self?: readonly ReferenceTensor[];
    readonly cross?: readonly ReferenceTensor[];
  };
  readonly logits_last: ReferenceTensor;
  /** Of models without logits (embedders): the hidden states of the last position. */
  readonly hidden_last?: ReferenceTensor;
  readonly oracle?: string;
  /** How far the reference's own program is from a more exact one when it computes in the file's precision. */
  readonly rounding?: Tolerance;
}

export interface ModelFile {
  readonly role: GraphRole;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Fixture {
  readonly name: string;
  readonly folder: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly reference: Reference | undefined;
  readonly files: readonly ModelFile[];
  external(path: string): Uint8Array;
}

const ROLES: readonly (readonly [RegExp, GraphRole])[] = [
  [/^encoder_model/, 'encoder'],
  [/^decoder_model_merged/, 'decoder-merged'],
  [/^decoder_with_past_model/, 'decoder-with-past'],
  [/^decoder_model/, 'decoder'],
  [/^model/, 'model'],
];

/** Which file of a model this is, by the names that exporters give. */
export function roleOf(file: string): GraphRole {
  return ROLES.find(([pattern]) => pattern.test(file))?.[1] ?? 'model';
}

/** Folders of the fixtures' form under `root`: those with a config.json and an .onnx file. */
export function fixtureFolders(root: string): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => join(root, entry.name))
    .filter((folder) => existsSync(join(folder, 'config.json')) && onnxFolder(folder) !== undefined)
    .sort();
}

function onnxFolder(folder: string): string | undefined {
  return [join(folder, 'onnx'), folder].find(
    (place) => existsSync(place) && readdirSync(place).some((name) => name.endsWith('.onnx')),
  );
}

/** What a whole pass comes to: logits, or hidden states of a model that gives none. */
export function withResult<T extends { readonly logits_last: unknown; readonly hidden_last?: unknown }>(
  reference: T,
): T {
  return { ...reference, logits_last: reference.logits_last ?? reference.hidden_last };
}

export function readFixture(folder: string): Fixture {
  const place = onnxFolder(folder);
  if (place === undefined) throw new Error(`${folder} has no .onnx file`);
  const json = (name: string): unknown => parseJson(readFileSync(join(folder, name), 'utf8'));
  const files = readdirSync(place)
    .filter((name) => name.endsWith('.onnx'))
    .sort()
    .map((name) => ({ role: roleOf(name), name, bytes: new Uint8Array(readFileSync(join(place, name))) }));
  return {
    name: folder.split('/').at(-1) ?? folder,
    folder,
    config: json('config.json') as Readonly<Record<string, unknown>>,
    reference: existsSync(join(folder, 'reference.json')) ? withResult(json('reference.json') as Reference) : undefined,
    files,
    external: (path) => new Uint8Array(readFileSync(join(place, path))),
  };
}
