// @ts-check
/**
 * `npm run package`: builds the .vsix and refuses one that is too large, lacks a part, carries a file that no rule allows,
 * has other notices than what is bundled asks for, or is not the same byte for byte when it is built again.
 *   node test/package.mjs
 */
import { createVSIX, listFiles, PackageManager } from '@vscode/vsce';
import { createHash } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findNode } from './support/node.mjs';
import { checkNotices } from './support/notices.mjs';
import { ROOT } from './support/paths.mjs';
import { run } from './support/run-command.mjs';

const LIMIT_MB = 45;

/** Everything that may be shipped. `files` in package.json chooses; this list is the second opinion. */
const ALLOWED = [
  /^package(\.nls)?\.json$/,
  /^(README|CHANGELOG)\.md$/,
  /^LICENSE$/,
  /^THIRD_PARTY_NOTICES\.md$/,
  /^dist\/(extension|engine|webview)\.js$/,
  /^dist\/[\w-]+\.(css|ttf)$/,
  /^dist\/bundled-model\.json$/,
  /^dist\/ort\/ort-wasm-simd-threaded(\.jspi|\.asyncify)?\.(mjs|wasm\.gz)$/,
  /^media\/[\w-]+(\/[\w-]+)*\.(png|svg|md)$/,
  /^models\/en-fr\/([\w-]+\.(json|md|txt)|LICENSE|NOTICE)$/,
  /^models\/en-fr\/onnx\/[\w-]+\.onnx(_data)?$/,
];

/** What must be in it for the extension to work at all. */
const NEEDED = [
  'package.json',
  'package.nls.json',
  'README.md',
  'LICENSE',
  'dist/extension.js',
  'dist/engine.js',
  'dist/webview.js',
  'dist/bundled-model.json',
  'dist/ort/ort-wasm-simd-threaded.wasm.gz',
  'models/en-fr/config.json',
  'models/en-fr/tokenizer.json',
];

/** Where the package goes: beside package.json, named after the version. */
export async function packagePath() {
  const { name, version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  return join(ROOT, `${name}-${version}.vsix`);
}

/** When the commit was made, in seconds since 1970: the one time that every build of it can know. */
async function timeOfCommit() {
  const { code, output } = await run('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, output: 'collect' }).catch(
    () => ({ code: 1, output: '' }),
  );
  // Without a repository: some fixed time, the first that a zip file can hold being 1980.
  return code === 0 && /^\d+\s*$/.test(output) ? output.trim() : '1577836800';
}

/** A zip file's parts, with the places of what is read (PKWARE's APPNOTE.TXT, 4.3.12 and 4.3.16). */
const END = { size: 22, count: 10, directory: 16 };
const ENTRY = { signature: 0x02014b50, size: 46, name: 28, extra: 30, comment: 32, attributes: 38 };
/** A file that its owner writes and everybody reads. */
const MODE = 0o100644;

/**
 * Gives every file of a zip file the same mode. The modes on the disk are those of whoever checked out or built (their umask).
 * @param {string} path
 */
async function evenModes(path) {
  const bytes = await readFile(path);
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]), bytes.length - END.size);
  if (end < 0) throw new Error('The package is no zip file.');
  let at = bytes.readUInt32LE(end + END.directory);
  for (let left = bytes.readUInt16LE(end + END.count); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== ENTRY.signature) throw new Error('The package’s directory is not readable.');
    bytes.writeUInt32LE((MODE << 16) >>> 0, at + ENTRY.attributes);
    const entry = at;
    at += ENTRY.size;
    for (const place of [ENTRY.name, ENTRY.extra, ENTRY.comment]) at += bytes.readUInt16LE(entry + place);
  }
  await writeFile(path, bytes);
}

/** Builds everything from nothing and zips it. @param {string} path of the package */
async function buildPackage(path) {
  await rm(join(ROOT, 'dist'), { recursive: true, force: true });
  const { code } = await run(findNode(20), ['esbuild.config.mjs', '--minify'], { cwd: ROOT });
  if (code !== 0) throw new Error('The build failed.');
  await rm(path, { force: true });
  // vsce gives the files this time and sorts them; a zip file keeps local times, so that the zone is set as well.
  process.env['SOURCE_DATE_EPOCH'] = await timeOfCommit();
  process.env['TZ'] = 'UTC';
  // Left as they are: the repository's address is nothing that this build may rely on.
  await createVSIX({ cwd: ROOT, packagePath: path, dependencies: false, rewriteRelativeLinks: false });
  await evenModes(path);
}

const digestOf = async (/** @type {string} */ path) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

async function checkFiles() {
  const files = (await listFiles({ cwd: ROOT, packageManager: PackageManager.None })).map((file) =>
    file.replaceAll('\\', '/'),
  );
  const strangers = files.filter((file) => !ALLOWED.some((rule) => rule.test(file)));
  if (strangers.length > 0)
    throw new Error(`These files may not be shipped (test/package.mjs says which may):\n  ${strangers.join('\n  ')}`);
  const missing = NEEDED.filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Error(`These files are missing from the package:\n  ${missing.join('\n  ')}`);
  return files;
}

export async function createPackage() {
  await checkNotices();
  const path = await packagePath();
  // The first build is another person's, who lets nobody read what they write: the package must not tell.
  const own = process.umask(0o077);
  await buildPackage(path).finally(() => process.umask(own));
  const files = await checkFiles();
  const megabytes = (await stat(path)).size / 1e6;
  console.log(`${files.length} files, ${megabytes.toFixed(1)} MB (limit ${LIMIT_MB} MB): ${path}`);
  if (megabytes > LIMIT_MB) throw new Error(`The package is larger than ${LIMIT_MB} MB.`);

  const again = `${path}.again`;
  try {
    await rename(path, again);
    await buildPackage(path);
    const [first, second] = [await digestOf(again), await digestOf(path)];
    if (first !== second) throw new Error(`Two builds of one commit differ: ${first} and ${second}.`);
    console.log(`Built twice, the same byte for byte: SHA-256 ${second}`);
  } finally {
    await rm(again, { force: true });
  }
  return path;
}

if (process.argv[1] === import.meta.filename) {
  createPackage().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
