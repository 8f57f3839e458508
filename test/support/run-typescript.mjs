// @ts-check
/**
 * Runs a TypeScript program of the tests with plain Node: bundles it in memory (the sources import each other without
 * file extensions, which Node's own type stripping does not follow) and imports the result.
 */
import { build } from 'esbuild';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './paths.mjs';

/** @param {string} entry path from the repository's root */
export async function runTypeScript(entry) {
  const result = await build({
    entryPoints: [join(ROOT, entry)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    external: ['onnxruntime-web', 'onnxruntime-web/*', 'onnxruntime-node'],
    logLevel: 'error',
  });
  const code = result.outputFiles[0]?.text ?? '';
  // Inside node_modules, so that the bundle finds the packages that it leaves out.
  const folder = join(ROOT, 'node_modules', '.cache', 'explain-attention');
  const file = join(folder, `${entry.replaceAll(/[^a-z]/gi, '-')}-${process.pid}.mjs`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, code);
  try {
    await import(pathToFileURL(file).href);
  } finally {
    await rm(file, { force: true });
  }
}
