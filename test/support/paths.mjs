// @ts-check
/** Where things are. The cache lives outside node_modules, so that `npm ci` leaves the test VS Code alone. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const CACHE = process.env['EXPLAIN_TEST_CACHE'] ?? join(ROOT, '.vscode-test');
export const RESULTS = join(ROOT, 'test-results');
export const SAMPLE = join(ROOT, 'test', 'vscode', 'sample');
