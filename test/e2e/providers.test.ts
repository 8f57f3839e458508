/** Where the model runs must not change what it computes: WASM, WebGPU, cross-origin isolated or not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../vscode/session';
import { ended, explainSelection, openExplained, settled, snapshotOf, useFolder } from './support';
import { inFolder, modelFiles } from './fixtureFiles';
import { until } from '../vscode/workbench';

const SENTENCE = 'She said that he could not drive it in the winter.';

// A few tokens are enough, and a software adapter is slow.
const settings = { 'explainAttention.maxNewTokens': 4 };

/** Everything that an explanation shows, as the engine has it. */
interface Computed {
  readonly provider: string;
  readonly threads: number;
  readonly build: string;
  readonly reason: string;
  readonly isolated: boolean;
  readonly tokens: readonly number[];
  readonly probabilities: readonly number[];
  /** Of every token and role, every head's weights, end to end. */
  readonly weights: Float32Array;
}

/** Explains the sentence with the settings as they are, and reads all of it. */
async function compute(session: Session): Promise<Computed> {
  await session.select('text.txt', SENTENCE);
  await explainSelection(session);
  const { id, source, target, steps, provider } = await settled(session);
  const weights = await session.host.run(
    async (_api, explain, { explanation, lengths }) => {
      const parts: number[] = [];
      for (const [sequence, length] of lengths) {
        for (let index = 0; index < length; index++) {
          for (const { data } of (await explain?.tokenWeights({ explanation, sequence, indices: [index] })) ?? [])
            parts.push(...data);
        }
      }
      return new Float32Array(parts);
    },
    // The last token was written and not yet read: it has no row.
    {
      explanation: id,
      lengths: [
        ['source', source.length],
        ['target', target.length - 1],
      ] as const,
    },
  );
  return {
    provider: provider?.provider ?? '',
    threads: provider?.threads ?? 0,
    build: provider?.build ?? '',
    reason: provider?.reason ?? '',
    isolated: await session.host.run(() => globalThis.crossOriginIsolated),
    tokens: target.map((token) => token.id),
    probabilities: steps.map(({ chosen }) => chosen.probability),
    weights,
  };
}

/** The largest difference of two lists; they must have one length and not be all alike. */
function largestDifference(one: Float32Array, other: Float32Array): number {
  expect(one.length).toBe(other.length);
  expect(one.length).toBeGreaterThan(1000);
  expect(new Set(one).size).toBeGreaterThan(100);
  return one.reduce((largest, value, index) => Math.max(largest, Math.abs(value - (other[index] ?? NaN))), 0);
}

describe('execution providers', () => {
  let session: Session;
  /** On WASM in a window that is not cross-origin isolated. */
  let wasm: Computed;

  describe('with a software WebGPU adapter', () => {
    beforeAll(async () => {
      session = await openExplained({
        files: { 'text.txt': SENTENCE, ...inFolder('qwen3', await modelFiles('genai-qwen3-webgpu')) },
        softwareWebGpu: true,
        settings,
      });
    });
    afterAll(() => session.close());

    test('left to choose it is not taken, and why is said; forced, it gives equal tokens, and weights within 1e-3', async () => {
      await session.settings({ 'explainAttention.executionProvider': 'auto' });
      wasm = await compute(session);
      expect(wasm).toMatchObject({ provider: 'wasm', threads: 1, isolated: false });
      expect(wasm.reason).toMatch(/software/i);

      await session.settings({
        'explainAttention.executionProvider': 'webgpu',
        'explainAttention.allowSoftwareAdapter': true,
      });
      const gpu = await compute(session);
      expect(gpu).toMatchObject({ provider: 'webgpu', reason: '' });
      expect(gpu.tokens).toEqual(wasm.tokens);
      expect(largestDifference(gpu.weights, wasm.weights)).toBeLessThan(1e-3);
      gpu.probabilities.forEach((probability, step) =>
        expect(probability).toBeCloseTo(wasm.probabilities[step] ?? NaN, 3),
      );
    }, 300_000);

    test('a model that only WebGPU can run: asked for WASM it says so; left to choose, it takes the adapter', async () => {
      await session.settings({
        'explainAttention.executionProvider': 'wasm',
        'explainAttention.allowSoftwareAdapter': false,
      });
      await useFolder(session, 'qwen3');
      await until(
        'the refusal on WASM',
        async () => (await snapshotOf(session))?.error?.code === 'WEBGPU_NEEDED',
        60_000,
      );
      expect((await snapshotOf(session))?.error?.message).toContain('was made for WebGPU');
      // A model that could not be used was not kept as the current one.
      await session.settings({ 'explainAttention.executionProvider': 'auto' });
      await useFolder(session, 'qwen3');
      const ran = await until(
        'the model on the software adapter',
        async () => {
          const shown = await snapshotOf(session);
          return shown?.model?.name === 'qwen3' && ended(shown) ? shown : undefined;
        },
        180_000,
      );
      expect(ran).toMatchObject({ model: { family: 'decoder-only' }, provider: { provider: 'webgpu' }, error: null });
    }, 300_000);
  });

  describe('cross-origin isolated, with no adapter at all', () => {
    beforeAll(async () => {
      session = await openExplained({ files: { 'text.txt': SENTENCE }, isolated: true, settings });
    });
    afterAll(() => session.close());

    test('WASM uses threads, and computes the same; WebGPU demanded in vain says so', async () => {
      const cores = await session.host.run(() => navigator.hardwareConcurrency);
      const isolated = await compute(session);
      expect(isolated).toMatchObject({ provider: 'wasm', isolated: true });
      if (cores > 1) expect(isolated.threads).toBeGreaterThan(1);
      expect(isolated.reason).not.toBe('');
      expect(session.workbench.cspReports).toEqual([]);
      expect(isolated.tokens).toEqual(wasm.tokens);
      expect(largestDifference(isolated.weights, wasm.weights)).toBeLessThan(1e-4);

      // WebGPU asked for where there is none is an error that says so; nothing is broken by it.
      await session.settings({ 'explainAttention.executionProvider': 'webgpu' });
      const asked = await explainSelection(session);
      expect(asked?.error?.code).toBe('PROVIDER_UNAVAILABLE');
      await session.settings({ 'explainAttention.executionProvider': 'auto' });
      expect((await compute(session)).provider).toBe('wasm');
    }, 300_000);
  });
});
