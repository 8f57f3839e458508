/** A model's files as the extension would take them: one variant of a folder, or one file with what lies beside it. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findVariants } from '../../src/hub';
import type { ModelFiles } from '../../src/protocol/engine';

export interface ModelVariant {
  readonly name: string;
  readonly files: () => ModelFiles;
  /** Files beside it that read pictures or sound. */
  readonly others: readonly string[];
  /** The graphs among them, as paths on this machine. */
  readonly graphs: readonly string[];
}

/** A file's size in bytes; undefined where there is no file that can be read, as behind a link to what was deleted. */
export function sizeOf(path: string): number | undefined {
  try {
    const file = statSync(path);
    accessSync(path, constants.R_OK);
    return file.isFile() ? file.size : undefined;
  } catch {
    return undefined;
  }
}

interface Listed {
  readonly path: string;
  readonly at: string;
  readonly size: number;
}

/** What lies in a folder and in its `onnx`, as the extension looks; of a lone file, the side files one level up too. */
function listed(path: string): readonly Listed[] {
  const within = (folder: string, prefix: string): readonly Listed[] => {
    if (!existsSync(folder)) return [];
    return readdirSync(folder).flatMap((name) => {
      const at = join(folder, name);
      const size = sizeOf(at);
      return size === undefined ? [] : [{ path: prefix + name, at, size }];
    });
  };
  if (statSync(path).isDirectory()) return [...within(path, ''), ...within(join(path, 'onnx'), 'onnx/')];
  const beside = within(dirname(path), '').filter(({ at }) => !/\.(?:onnx|ort)$/i.test(at) || at === path);
  const names = new Set(beside.map((file) => file.path));
  const above = within(dirname(dirname(path)), '').filter((file) => /\.(?:json|jinja)$/.test(file.path));
  return [...beside, ...above.filter((file) => !names.has(file.path))];
}

/** The variants that the variant pick would offer. */
export function variantsAt(path: string): readonly ModelVariant[] {
  const all = listed(path);
  const at = new Map(all.map((file) => [file.path, file.at]));
  const sizes = all.map(({ path: name, size }) => ({ path: name, size, sha256: null, gitOid: null }));
  return findVariants(sizes).map(({ dtype, files, graphs, others }) => ({
    name: dtype,
    others,
    graphs: graphs.map((graph) => at.get(graph) ?? basename(graph)),
    files: () =>
      Object.fromEntries(
        files.map((file) => [file.path, new Uint8Array(readFileSync(at.get(file.path) ?? file.path))]),
      ),
  }));
}
