/**
 * Every fixture's attention, tapped from its unmodified graph, is what `transformers` (or the named oracle) computes.
 * EXPLAIN_FIXTURES=folder runs another collection of the same form; `npm run test:parity` prints a line a model.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtureFolders, readFixture } from './fixture';
import { outcomeOf } from './outcome';

const own = join(import.meta.dirname, '../fixtures/transformers');
const elsewhere = process.env['EXPLAIN_FIXTURES'];

/** What is to be refused, and how. */
const REFUSED: Readonly<Record<string, string>> = {
  'eager-longformer': 'LAYOUT_UNSUPPORTED',
  'genai-qwen3-webgpu': 'WEBGPU_NEEDED',
};

describe('tapped graphs agree with the reference', () => {
  for (const folder of fixtureFolders(elsewhere ?? own)) {
    const fixture = readFixture(folder);
    it(fixture.name, async () => {
      const outcome = await outcomeOf(fixture);
      if (elsewhere !== undefined) expect(outcome.verdict, outcome.line).not.toBe('FAIL');
      else
        expect(`${outcome.verdict} ${outcome.code}`.trim(), outcome.line).toBe(
          fixture.name in REFUSED ? `refused ${REFUSED[fixture.name] ?? ''}` : 'pass',
        );
    });
  }
});
