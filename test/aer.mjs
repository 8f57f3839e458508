// @ts-check
/** `npm run aer -- gold.jsonl [model folder]`: the alignment error rate of the alignment view, by the engine's own code. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode } from './support/node.mjs';
import { ROOT } from './support/paths.mjs';

const node = findNode();
if (node !== process.execPath) {
  process.exit(
    spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1,
  );
}
process.argv[3] ??= join(ROOT, 'models/en-fr');
const { runTypeScript } = await import('./support/run-typescript.mjs');
await runTypeScript('test/aer.ts');
