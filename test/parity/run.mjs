// @ts-check
/**
 * `npm run test:parity`: the parity tier. With EXPLAIN_FIXTURES=folder: that collection of models (each a folder with config.json, .onnx
 * files and reference.json), one line each: pass with the largest difference, or the refusal's code.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode } from '../support/node.mjs';
import { ROOT } from '../support/paths.mjs';

const node = findNode();
if (process.env['EXPLAIN_FIXTURES'] === undefined) {
  process.exit(spawnSync(node, [join(ROOT, 'test/run.mjs'), '--only=parity'], { stdio: 'inherit' }).status ?? 1);
} else if (node !== process.execPath) {
  process.exit(spawnSync(node, [fileURLToPath(import.meta.url)], { stdio: 'inherit' }).status ?? 1);
} else {
  const { runTypeScript } = await import('../support/run-typescript.mjs');
  await runTypeScript('test/parity/lines.ts');
}
