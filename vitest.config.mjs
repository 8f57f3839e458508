import { defineConfig } from 'vitest/config';

/**
 * One project per tier; `npm test` says what runs when. CONTRIBUTING.md says which test belongs where. Files of a tier
 * run one after another, but for those that wait for a window most of their time.
 */
const tier = (name, testTimeout, workers = 1, more = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: Math.max(testTimeout, 120_000),
    pool: 'forks',
    fileParallelism: workers > 1,
    maxWorkers: workers,
    ...more,
  },
});

export default defineConfig({
  test: {
    projects: [
      // Pure functions, in one process for all files: what they import is compiled once.
      tier('unit', 20_000, 1, { isolate: false }),
      // One process here too: the runtime's code, once compiled and made fast, is there for all of them.
      tier('parity', 120_000, 1, { isolate: false }),
      // One process for all files: the bundled model, which most of them run, is loaded once.
      tier('webview', 120_000, 1, { globalSetup: 'test/webview/build.ts', isolate: false }),
      tier('e2e', 240_000, 2),
      // No tests: what they write is committed (`npm run pictures`).
      tier('webview', 300_000, 1, {
        name: 'pictures',
        include: ['test/webview/*.pictures.ts'],
        globalSetup: 'test/webview/build.ts',
      }),
    ],
  },
});
