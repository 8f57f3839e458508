// Runs every *.bench.ts in a process of its own, prints one table, writes bench-results/bench.json.
//   npm run bench [-- name …] [--beside=other.vsix]     with names: only those; the rows of the others are kept from the last time
// What a row needs is made here: the package for the one that opens VS Code (which, like Chromium, is installed when it is missing).
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPackage } from '../package.mjs';
import { findNode } from '../support/node.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const results = join(root, 'bench-results');
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
/** Another commit's package, measured in turn with this one's. */
const beside = process.argv.find((argument) => argument.startsWith('--beside='))?.slice('--beside='.length);
/** Those that measure what people install; they get the package's path as argument. */
const MEASURES_PACKAGE = ['pixel.bench.ts'];

async function bundle(name) {
  const out = join(results, '.build', name.replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [join(here, name)],
    outfile: out,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    target: 'node24',
    logLevel: 'warning',
    define: { 'import.meta.dirname': JSON.stringify(here) },
  });
  return out;
}

/** @returns the rows that the process printed. */
function run(node, file, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, ['--expose-gc', file, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    const rows = [];
    let rest = '';
    child.stdout.on('data', (data) => {
      const lines = (rest + data).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('BENCH ')) rows.push(JSON.parse(line.slice(6)));
        else console.log(line);
      }
    });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve(rows) : reject(new Error(`${file} ended with ${code}`))));
  });
}

const names = (await readdir(here))
  .filter((name) => name.endsWith('.bench.ts') && (wanted.length === 0 || wanted.some((word) => name.includes(word))))
  .sort();
const node = findNode(24);
const earlier =
  wanted.length === 0
    ? []
    : await readFile(join(results, 'bench.json'), 'utf8').then(
        (text) => JSON.parse(text).rows,
        () => [],
      );
const rows = [];
for (const name of (await readdir(here)).filter((file) => file.endsWith('.bench.ts')).sort()) {
  if (names.includes(name)) {
    console.log(`… ${name}`);
    const others = beside === undefined ? [] : [beside];
    const args = MEASURES_PACKAGE.includes(name) ? [await createPackage(), ...others] : [];
    rows.push(
      ...(await run(node, await bundle(name), args)).map((row) => ({
        file: name,
        date: new Date().toISOString(),
        ...row,
      })),
    );
  } else rows.push(...earlier.filter((row) => row.file === name));
}

let group = '';
/** Three digits that count. @param {number} value */
function decimals(value) {
  if (value < 10) return 2;
  return value < 100 ? 1 : 0;
}
const width = Math.max(0, ...rows.map((row) => row.name.length));
for (const row of rows) {
  if (row.group !== group) console.log(`\n${(group = row.group)}`);
  console.log(
    `  ${row.name.padEnd(width)}  ${row.value.toFixed(decimals(row.value)).padStart(9)} ${row.unit.padEnd(3)} ${row.note ?? ''}`,
  );
}
await mkdir(results, { recursive: true });
const machine = {
  cpu: cpus()[0]?.model ?? '',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
};
await writeFile(
  join(results, 'bench.json'),
  `${JSON.stringify({ date: new Date().toISOString(), machine, rows }, null, 2)}\n`,
);
console.log('\nTimes are medians of processor time unless they say otherwise. Written to bench-results/bench.json.');
