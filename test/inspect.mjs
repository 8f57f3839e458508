// @ts-check
/** `npm run inspect -- model.onnx|folder [--json] [--run] [--config config.json] [--role encoder|decoder|decoder-merged|decoder-with-past|model]` */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findNode } from './support/node.mjs';

const node = findNode();
if (node !== process.execPath) {
  process.exit(
    spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1,
  );
}
const { runTypeScript } = await import('./support/run-typescript.mjs');
await runTypeScript('test/inspect.ts');
