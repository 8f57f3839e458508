// Builds the three bundles (extension host, engine worker, webview) and brings the runtime's files along.
//   node esbuild.config.mjs [--watch] [--minify]
import { build, context } from 'esbuild';
import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const watch = process.argv.includes('--watch');
const minify = process.argv.includes('--minify');

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  platform: 'browser',
  target: 'chrome128',
  minify,
  sourcemap: minify ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
};

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  { ...common, entryPoints: { extension: 'src/extension.ts' }, format: 'cjs', external: ['vscode'], outdir: 'dist' },
  {
    ...common,
    entryPoints: { engine: 'src/engine/worker.ts' },
    format: 'iife',
    // The worker starts from a blob: it has no address of its own that the runtime could resolve against.
    define: { 'import.meta.url': '"blob:engine"' },
    conditions: ['onnxruntime-web-use-extern-wasm'],
    outdir: 'dist',
  },
  {
    ...common,
    entryPoints: { webview: 'webview/main.ts', 'webview-styles': 'webview/styles.css' },
    format: 'iife',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
    outdir: 'dist',
  },
];

/** The runtime's WebAssembly travels compressed: reading it through the file service is most of a cold start. */
async function copyRuntime() {
  await mkdir('dist/ort', { recursive: true });
  for (const build of ['', '.jspi', '.asyncify']) {
    const name = `ort-wasm-simd-threaded${build}`;
    const from = `node_modules/onnxruntime-web/dist/${name}`;
    const to = `dist/ort/${name}.wasm.gz`;
    await copyFile(`${from}.mjs`, `dist/ort/${name}.mjs`);
    const [source, target] = await Promise.all([stat(`${from}.wasm`), stat(to).catch(() => null)]);
    if (!target || target.mtimeMs < source.mtimeMs) await writeFile(to, gzipSync(await readFile(`${from}.wasm`), { level: 9 }));
  }
}


await copyRuntime();
if (watch) for (const options of bundles) await (await context(options)).watch();
else await Promise.all(bundles.map((options) => build(options)));
