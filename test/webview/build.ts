/** Before the first file of this tier: the webview's bundle, made by the project's own build. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');

export async function setup(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'esbuild.config.mjs'), '--only=webview'], { cwd: ROOT });
}
