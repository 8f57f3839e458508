// @ts-check
/**
 * `npm test`: installs what the tests need, then runs every check, goes on after a failing one, and closes with
 * one line that counts them all.
 *   node test/run.mjs [--only=lint,types,unit,parity,webview,package,e2e]
 * Only Node 20's own modules up to the install of the dependencies.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureDependencies } from './support/dependencies.mjs';
import { findNode } from './support/node.mjs';
import { RESULTS, ROOT } from './support/paths.mjs';
import { run } from './support/run-command.mjs';
import { ensureChromium } from './vscode/chromium.mjs';
import { ensureVSCode } from './vscode/install.mjs';

/** @typedef {{ name: string, seconds: number, commands?: Readonly<Record<string, readonly string[]>>, vitest?: string, needs?: 'browser' | 'vscode' }} Tier */

const bin = (/** @type {string} */ path) => join(ROOT, 'node_modules', path);

/** In this order; a command counts as one check, a vitest tier as its tests. @type {readonly Tier[]} */
const TIERS = [
  { name: 'build', seconds: 120, commands: { build: ['esbuild.config.mjs'] } },
  {
    name: 'lint',
    seconds: 300,
    commands: {
      prettier: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'],
      oxlint: [bin('oxlint/bin/oxlint')],
      boundaries: [
        bin('dependency-cruiser/bin/dependency-cruise.mjs'),
        '--config',
        '.dependency-cruiser.mjs',
        'src',
        'webview',
      ],
    },
  },
  {
    name: 'types',
    seconds: 240,
    commands: {
      // TypeScript 7, which takes a third of the time; `typescript` is 6, as tests read sources by its API.
      'types of the product': [bin('typescript-native/bin/tsc'), '-p', 'tsconfig.json'],
      'types of the tests': [bin('typescript-native/bin/tsc'), '-p', 'test/tsconfig.json'],
    },
  },
  { name: 'unit', seconds: 600, vitest: 'unit' },
  { name: 'parity', seconds: 900, vitest: 'parity', needs: 'browser' },
  { name: 'webview', seconds: 900, vitest: 'webview', needs: 'browser' },
  { name: 'package', seconds: 180, commands: { package: ['test/package.mjs'] } },
  { name: 'e2e', seconds: 1500, vitest: 'e2e', needs: 'vscode' },
];

/**
 * What runs when: one stage after another, and in a stage its lanes beside each other, where there are two processors.
 * The end-to-end tests have the machine for themselves, as they wait for a real window.
 */
const STAGES = [
  // The package is built from nothing, in the place of what the other tests run: before those.
  [
    ['package', 'build'],
    ['lint', 'types'],
  ],
  [['parity'], ['unit', 'webview']],
  [['e2e']],
];

/** @param {readonly string[]} args */
function chosen(args) {
  const only = args
    .find((arg) => arg.startsWith('--only='))
    ?.slice('--only='.length)
    .split(',');
  const unknown = [
    ...args.filter((arg) => !arg.startsWith('--only=')),
    ...(only ?? []).filter((name) => !TIERS.some((tier) => tier.name === name)),
  ];
  if (unknown.length > 0)
    throw new Error(
      `There is no ${unknown.join(', ')}. Usage: npm test -- --only=${TIERS.map((tier) => tier.name).join(',')}`,
    );
  if (!only) return TIERS;
  // What runs the product runs what is built now.
  const runsProduct = only.some((name) => ['webview', 'package', 'e2e'].includes(name));
  return TIERS.filter(
    ({ name }) =>
      only.includes(name) || (name === 'build' && runsProduct) || (name === 'package' && only.includes('e2e')),
  );
}

const passed = /** @type {string[]} */ ([]);
const failed = /** @type {string[]} */ ([]);
const skipped = /** @type {string[]} */ ([]);

/** @param {boolean} ok @param {string} name */
const count = (ok, name) => (ok ? passed : failed).push(name);
const heading = (/** @type {string} */ text) => console.log(`\n=== ${text}`);

/** What tiers need, once it is there; it is installed while those run that need nothing. @type {Record<string, Promise<unknown>>} */
const installed = {};

/** @param {readonly Tier[]} tiers */
function beginInstalling(tiers) {
  if (!tiers.some(({ needs }) => needs)) return;
  installed['browser'] = ensureChromium();
  // A window is opened in the browser.
  if (tiers.some(({ needs }) => needs === 'vscode')) installed['vscode'] = installed['browser'].then(ensureVSCode);
  // What fails is said by the tier that needs it.
  for (const one of Object.values(installed)) one.catch(() => undefined);
}

/**
 * @param {Tier} tier @param {string} node @param {NodeJS.ProcessEnv} env
 * @param {'inherit' | 'collect'} output collected output is printed when its command has ended
 */
async function runTier(tier, node, env, output) {
  if (tier.needs) await installed[tier.needs];
  for (const [name, args] of Object.entries(tier.commands ?? {})) {
    const { code, output: text } = await run(node, args, { cwd: ROOT, env, seconds: tier.seconds, output });
    process.stdout.write(text);
    if (code !== 0)
      console.log(code === 124 ? `${name}: stopped after ${tier.seconds} s` : `${name}: failed (${code})`);
    count(code === 0, name);
  }
  if (!tier.vitest) return;
  const outcomes = join(RESULTS, `${tier.name}.jsonl`);
  await rm(outcomes, { force: true });
  const { code, output: text } = await run(
    node,
    [
      bin('vitest/vitest.mjs'),
      'run',
      '--project',
      tier.vitest,
      '--reporter=default',
      '--reporter=./test/support/count-reporter.mjs',
    ],
    { cwd: ROOT, env: { ...env, EXPLAIN_OUTCOMES: outcomes }, seconds: tier.seconds, output },
  );
  if (output === 'collect') console.log(`\n=== ${tier.name}, which ran beside the others\n${text}`);
  const lines = (await readFile(outcomes, 'utf8').catch(() => ''))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const lists = /** @type {Record<string, string[]>} */ ({ skipped, passed });
  for (const { outcome, name } of lines) (lists[outcome] ?? failed).push(`${tier.name}: ${name}`);
  if (code === 124) failed.push(`${tier.name}: stopped after its limit of ${tier.seconds} s`);
  else if (code !== 0 && !lines.some(({ outcome }) => outcome === 'failed'))
    failed.push(`${tier.name}: vitest ended with ${code} and named no failing test`);
  else if (lines.length === 0) failed.push(`${tier.name}: ran no test`);
}

async function main() {
  const tiers = chosen(process.argv.slice(2));
  const began = Date.now();
  await mkdir(RESULTS, { recursive: true });
  await ensureDependencies();
  const node = findNode();
  // What a test starts by the name `node` is this Node too.
  const env = { ...process.env, PATH: [bin('.bin'), process.env['PATH'] ?? ''].join(delimiter) };
  /** @type {string[]} */
  const times = [];
  /** @param {readonly string[]} names @param {'inherit' | 'collect'} output */
  const lane = async (names, output) => {
    for (const tier of names.flatMap((wanted) => tiers.filter(({ name }) => name === wanted))) {
      if (output === 'inherit') heading(tier.name);
      const start = Date.now();
      try {
        await runTier(tier, node, env, output);
      } catch (error) {
        console.error(error instanceof Error ? error.message : error);
        failed.push(`${tier.name}: could not run`);
      }
      times.push(`${tier.name} ${((Date.now() - start) / 1000).toFixed(0)} s`);
    }
  };
  beginInstalling(tiers);
  for (const [first = [], ...others] of STAGES) {
    if (availableParallelism() < 2) await lane([first, ...others].flat(), 'inherit');
    else {
      // A lane that nothing runs beside is printed as it runs.
      const shown = tiers.some(({ name }) => first.includes(name)) ? 'collect' : 'inherit';
      await Promise.all([lane(first, 'inherit'), ...others.map((names) => lane(names, shown))]);
    }
  }
  heading(`done in ${((Date.now() - began) / 1000).toFixed(0)} s (${times.join(', ')})`);
  if (failed.length > 0) console.log(`Failed:\n${failed.map((name) => `  ${name}`).join('\n')}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  failed.push('setup');
}
console.log(
  `${passed.length} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
