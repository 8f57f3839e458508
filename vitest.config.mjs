import { defineConfig } from 'vitest/config';

/** One project per tier; `npm test` runs them one after another. CONTRIBUTING.md says which test belongs where. */
const tier = (name, testTimeout, files = [`test/${name}/**/*.test.ts`]) => ({
  test: {
    name,
    include: files,
    testTimeout,
    hookTimeout: Math.max(testTimeout, 120_000),
    pool: 'forks',
    fileParallelism: false,
  },
});

export default defineConfig({
  test: {
    projects: [tier('unit', 20_000), tier('parity', 120_000), tier('webview', 60_000), tier('e2e', 240_000)],
  },
});
