// Builds the three bundles (extension host, engine worker, webview) and brings the runtime's files along.
//   node esbuild.config.mjs [--watch] [--minify] [--only=webview]
import { build, context } from 'esbuild';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const watch = process.argv.includes('--watch');
const minify = process.argv.includes('--minify');
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);

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

/**
 * A package's file, edited as it is bundled.
 * @param {string} name @param {RegExp} filter which file
 * @param {(source: string) => string | undefined} edit undefined where the source is not as expected
 * @returns {import('esbuild').Plugin}
 */
const edited = (name, filter, edit) => ({
  name,
  setup({ onLoad }) {
    onLoad({ filter }, async ({ path }) => {
      const contents = edit(await readFile(path, 'utf8'));
      if (contents === undefined) throw new Error(`${name}: the source is another one now; look at ${path}.`);
      return { contents, loader: 'js' };
    });
  },
});

/**
 * The UI toolkit's helper library puts an empty <style> into the page, when it loads, to find out whether the browser
 * knows :focus-visible. Under the webview's policy that is a violation (style-src-elem); VS Code's Chromium knows it.
 */
const noStyleProbe = edited('no-style-probe', /fast-web-utilities[\\/]dist[\\/]dom\.js$/, (source) => {
  const probe = 'export function canUseFocusVisible() {';
  return source.includes(probe) ? source.replace(probe, `${probe}\n    return true;`) : undefined;
});

/**
 * Where outputs are to stay on the device, onnxruntime-web binds inputs and outputs before a run and unbinds them after it, but not after
 * one that fails: the next run would be given the inputs of the failed one. They are bound anew for each run here, as only a captured
 * graph has to find them where they were (shown by `hybrid-bamba` in `webgpu.browser.test.ts`, whose first run fails).
 */
const bindsAnew = edited('binds-anew', /onnxruntime-web[\\/]dist[\\/]ort\.webgpu\.mjs$/, (source) => {
  const binding = 'TRACE_EVENT_BEGIN("wasm bindInputsOutputs");';
  const bound = /(ioBindingState,\s*enableGraphCapture,\s*)true(\s*\]\);)/g;
  if (source.split(binding).length !== 2 || source.match(bound)?.length !== 1) return undefined;
  return source
    .replace(binding, `wasm2._OrtClearBoundOutputs(handle); ${binding}`)
    .replace(bound, '$1enableGraphCapture$2');
});

/** @type {import('esbuild').BuildOptions[]} */
export const bundles = [
  { ...common, entryPoints: { extension: 'src/extension.ts' }, format: 'cjs', external: ['vscode'], outdir: 'dist' },
  {
    ...common,
    entryPoints: { engine: 'src/engine/worker.ts' },
    format: 'iife',
    // The worker starts from a blob: it has no address of its own that the runtime could resolve against.
    define: { 'import.meta.url': '"blob:engine"' },
    conditions: ['onnxruntime-web-use-extern-wasm'],
    // What `onnxruntime-web/webgpu` is under these conditions, before it was minified.
    alias: {
      'onnxruntime-web/webgpu': fileURLToPath(
        import.meta.resolve('onnxruntime-web/webgpu').replace(/[^/]*$/, 'ort.webgpu.mjs'),
      ),
    },
    plugins: [bindsAnew],
    outdir: 'dist',
  },
  {
    ...common,
    entryPoints: { webview: 'webview/main.ts', 'webview-styles': 'webview/styles.css' },
    format: 'iife',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
    plugins: [noStyleProbe],
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
    if (!target || target.mtimeMs < source.mtimeMs)
      await writeFile(to, gzipSync(await readFile(`${from}.wasm`), { level: 9 }));
  }
}

/** What the bundled model consists of: asking the file service for it costs a first use more than reading it. */
async function listModel() {
  const sizes = {};
  for (const folder of ['', 'onnx/'])
    for (const entry of (await readdir(`models/en-fr/${folder}`, { withFileTypes: true })).filter((one) =>
      one.isFile(),
    ))
      sizes[folder + entry.name] = (await stat(`models/en-fr/${folder}${entry.name}`)).size;
  await mkdir('dist', { recursive: true });
  await writeFile('dist/bundled-model.json', `${JSON.stringify(sizes)}\n`);
}

// Tests and the bench import the options without building everything.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = bundles.filter(({ entryPoints }) => only === undefined || Object.hasOwn(entryPoints, only));
  if (only === undefined || only === 'engine') await copyRuntime();
  if (only === undefined || only === 'extension') await listModel();
  if (watch) for (const options of wanted) await (await context(options)).watch();
  else await Promise.all(wanted.map((options) => build(options)));
}
