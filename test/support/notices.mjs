// @ts-check
/**
 * THIRD_PARTY_NOTICES.md, made from what is bundled: the packages that the bundles are made of, the runtime, and what
 * the runtime's WebAssembly contains. `npm run package` fails where the file is not this.
 *   node test/support/notices.mjs [--write]
 */
import { build } from 'esbuild';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundles } from '../../esbuild.config.mjs';
import { ROOT } from './paths.mjs';
import { LICENCE_TEXTS, RUNTIME_PARTS, RUNTIME_VERSION } from './runtimeParts.mjs';

const NOTICES = join(ROOT, 'THIRD_PARTY_NOTICES.md');
const RUNTIME = 'onnxruntime-web';

/** Licences that are asked for by their address, as their text is no notice. @type {Readonly<Record<string, string>>} */
const BY_ADDRESS = {
  'CC-BY-4.0':
    'The icons and their font: Creative Commons Attribution 4.0 International, (c) Microsoft Corporation\nhttps://creativecommons.org/licenses/by/4.0/legalcode',
};

const packageFolder = (/** @type {string} */ name) => join(ROOT, 'node_modules', name);
const read = (/** @type {string} */ path) => readFile(path, 'utf8');

/** The packages that the bundles are made of. */
async function bundledPackages() {
  const names = new Set([RUNTIME]);
  for (const options of bundles) {
    const { metafile } = await build({
      ...options,
      absWorkingDir: ROOT,
      metafile: true,
      write: false,
      sourcemap: false,
    });
    for (const output of Object.values(metafile?.outputs ?? {})) {
      for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
        const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
        // What was shaken out of a bundle is not in it.
        if (name && bytesInOutput > 0) names.add(name);
      }
    }
  }
  return [...names].sort();
}

/** @param {string} name of a package */
async function noticeOf(name) {
  const folder = packageFolder(name);
  const { license, author } = JSON.parse(await read(join(folder, 'package.json')));
  if (typeof license !== 'string') throw new Error(`${name} names no licence.`);
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(entry));
  const holder = typeof author === 'string' ? author : (author?.name ?? `the authors of ${name}`);
  const known = Object.entries(LICENCE_TEXTS).find(([id]) => id === license)?.[1];
  const text =
    BY_ADDRESS[license] ?? (file ? await read(join(folder, file)) : known && `Copyright (c) ${holder}\n\n${known}`);
  if (!text)
    throw new Error(`${name} (${license}) has no licence file; add its text to test/support/runtimeParts.mjs.`);
  return { name, licence: license, text };
}

/** Looks into the runtime's binaries: every part must be listed, and what is listed with a mark must be in there. */
async function checkRuntime() {
  const { version } = JSON.parse(await read(join(packageFolder(RUNTIME), 'package.json')));
  if (version !== RUNTIME_VERSION)
    throw new Error(
      `test/support/runtimeParts.mjs lists what is in ${RUNTIME} ${RUNTIME_VERSION}, and this is ${version}: look at onnxruntime's cmake/deps.txt and change both.`,
    );
  const names = ['', '.jspi', '.asyncify'].map((build_) => `ort-wasm-simd-threaded${build_}.wasm`);
  const binaries = await Promise.all(
    names.map(async (name) => (await readFile(join(packageFolder(RUNTIME), 'dist', name))).toString('latin1')),
  );
  for (const { name, marker } of RUNTIME_PARTS) {
    if (marker !== undefined && !binaries.some((binary) => binary.includes(marker)))
      throw new Error(`${name} is listed in test/support/runtimeParts.mjs and is not in the runtime any more.`);
  }
  const sources = new Set(RUNTIME_PARTS.map(({ source }) => source));
  for (const binary of binaries) {
    for (const [, source] of binary.matchAll(/_deps\/(\w+)-src\//g))
      if (!sources.has(source))
        throw new Error(`The runtime contains ${source}: add it to test/support/runtimeParts.mjs.`);
  }
}

/** A licence as text that no Markdown is read in. @param {string} text */
const quoted = (text) =>
  `\`\`\`text\n${text
    .replaceAll('\r\n', '\n')
    .replaceAll(/[ \t]+$/gm, '')
    .trim()}\n\`\`\``;

/** The whole file. */
export async function makeNotices() {
  await checkRuntime();
  const packages = [];
  for (const name of await bundledPackages()) packages.push(await noticeOf(name));
  const parts = RUNTIME_PARTS.map(({ name, licence, copyright }) => ({
    name,
    licence,
    text: `Copyright (c) ${copyright}\n\n${LICENCE_TEXTS[licence]}`,
  }));
  const long = [
    { name: 'Apache License 2.0', text: await read(join(packageFolder('@huggingface/tokenizers'), 'LICENSE')) },
    { name: 'Mozilla Public License 2.0', text: await read(join(packageFolder('axe-core'), 'LICENSE')) },
  ];
  const row = (/** @type {{ name: string, licence: string }} */ { name, licence }) => `| ${name} | ${licence} |`;
  const section = (/** @type {{ name: string, text: string }} */ { name, text }) => `## ${name}\n\n${quoted(text)}`;
  // The Apache licence stands once, at the end, also for the packages that bring it.
  const own = packages.map((entry) =>
    entry.licence === 'Apache-2.0' ? { ...entry, text: LICENCE_TEXTS['Apache-2.0'] } : entry,
  );
  return `${[
    '# Third-party notices',
    'What the packaged extension contains of others’ work, with its licences. Made by `node test/support/notices.mjs --write`.',
    ['| package | licence |', '|---|---|', ...packages.map(row)].join('\n'),
    'Compiled into the WebAssembly of onnxruntime-web (`dist/ort`):',
    ['| part | licence |', '|---|---|', ...parts.map(row)].join('\n'),
    'The model in `models/en-fr` was trained on the texts named in [models/en-fr/NOTICE](models/en-fr/NOTICE).',
    ...own.map(section),
    ...parts.map(section),
    ...long.map(section),
  ].join('\n\n')}\n`;
}

/** @throws where the file is not what is bundled now */
export async function checkNotices() {
  if ((await read(NOTICES)) !== (await makeNotices()))
    throw new Error('THIRD_PARTY_NOTICES.md is not what is bundled now: run node test/support/notices.mjs --write');
}

if (process.argv[1] === import.meta.filename) {
  try {
    if (process.argv.includes('--write')) await writeFile(NOTICES, await makeNotices());
    else await checkNotices();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
