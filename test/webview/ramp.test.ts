import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildDivergingRamp, buildRamp, contrast, luminance, type Rgb } from '../../webview/render/ramp';
import { toByte } from '../../src/measure/bytes';
import { MEASURES } from '../../src/measure/measure';
import { THEMES } from './themes';

const rgb = (hex: string | undefined): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(hex?.slice(at, at + 2) ?? '', 16)) as unknown as Rgb;
const parse = (css: string | undefined): Rgb => (css ?? '').match(/\d+/gu)?.map(Number) as unknown as Rgb;

describe.each(THEMES)('the colour scale of $name', ({ variables }) => {
  const background = rgb(variables['--vscode-editor-background']);
  const ramp = buildRamp(
    background,
    rgb(variables['--vscode-charts-blue']),
    rgb(variables['--vscode-editor-foreground']),
  );

  test('begins at the background and goes one way in lightness', () => {
    expect(parse(ramp.fill[0])).toEqual(background);
    const towards = Math.sign(0.5 - luminance(background));
    for (let i = 1; i < 256; i++)
      expect(towards * (luminance(parse(ramp.fill[i])) - luminance(parse(ramp.fill[i - 1])))).toBeGreaterThan(-0.002);
    expect(contrast(parse(ramp.fill[255]), background)).toBeGreaterThan(7);
  });

  test('has readable text on every entry (WCAG 1.4.3)', () => {
    for (let i = 0; i < 256; i++)
      expect(contrast(parse(ramp.fill[i]), parse(ramp.text[i]))).toBeGreaterThanOrEqual(4.5);
  });

  test('its table and its CSS colours are the same', () => {
    for (const i of [0, 1, 77, 255])
      expect([...ramp.table.subarray(i * 4, i * 4 + 4)]).toEqual([...parse(ramp.fill[i]), 255]);
  });
});

test('weights find their entry', () => {
  expect([-1, 0, 0.001, 0.5, 1, 2, Number.NaN].map((weight) => toByte(weight, MEASURES.weight))).toEqual([
    0, 0, 0, 128, 255, 255, 0,
  ]);
});

/**
 * What a dichromat sees, on linear RGB (Machado, Oliveira and Fernandes 2009, severity 1): red-, green- and blue-blind.
 */
const BLIND = {
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritan: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;

const linear = (byte: number): number => {
  const c = byte / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};

/** Distance in OKLab, in which 0.02 is just seen. */
function apart(one: Rgb, other: Rgb, matrix: readonly number[]): number {
  const lab = (rgb: Rgb): readonly number[] => {
    const [r, g, b] = rgb.map(linear) as [number, number, number];
    const [sr, sg, sb] = [0, 3, 6].map((at) =>
      Math.max(0, (matrix[at] ?? 0) * r + (matrix[at + 1] ?? 0) * g + (matrix[at + 2] ?? 0) * b),
    ) as [number, number, number];
    const l = Math.cbrt(0.4122214708 * sr + 0.5363325363 * sg + 0.0514459929 * sb);
    const m = Math.cbrt(0.2119034982 * sr + 0.6806995451 * sg + 0.1073969566 * sb);
    const s = Math.cbrt(0.0883024619 * sr + 0.2817188376 * sg + 0.6299787005 * sb);
    return [
      0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    ];
  };
  const [a, b] = [lab(one), lab(other)];
  return Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)));
}

describe.each(THEMES)('the diverging scale of $name', ({ variables }) => {
  const background = rgb(variables['--vscode-editor-background']);
  const ramp = buildDivergingRamp(background, rgb(variables['--vscode-editor-foreground']));
  const at = (entry: number): Rgb => parse(ramp.fill[entry]);

  test('has the background in its middle, and goes one way in lightness to both sides', () => {
    expect([ramp.zero, at(128)]).toEqual([128, background]);
    const towards = Math.sign(0.5 - luminance(background));
    for (const side of [1, -1])
      for (let step = 1; step <= 127; step++) {
        const nearer = luminance(at(128 + side * (step - 1)));
        expect(towards * (luminance(at(128 + side * step)) - nearer)).toBeGreaterThan(-0.002);
      }
    expect(contrast(at(255), background)).toBeGreaterThan(7);
    expect(contrast(at(1), background)).toBeGreaterThan(7);
  });

  test('shows how far from zero alike to both sides, so that order does not hang on hue', () => {
    for (let step = 8; step <= 127; step += 7) expect(contrast(at(128 + step), at(128 - step))).toBeLessThan(1.3);
  });

  test('keeps its sides apart for every kind of colour vision', () => {
    for (const matrix of [[1, 0, 0, 0, 1, 0, 0, 0, 1], ...Object.values(BLIND)])
      for (const step of [32, 64, 127]) expect(apart(at(128 + step), at(128 - step), matrix)).toBeGreaterThan(0.06);
  });

  test('has readable text on every entry', () => {
    for (let i = 0; i < 256; i++) expect(contrast(at(i), parse(ramp.text[i]))).toBeGreaterThanOrEqual(4.5);
  });
});

describe('the lines under tokens in the editor', () => {
  /** Background and selection of VS Code's default themes, and the names of their colours in package.json. */
  const EDITORS = {
    dark: ['#1f1f1f', '#264f78'],
    light: ['#ffffff', '#add6ff'],
    highContrast: ['#000000', '#f3f518'],
    highContrastLight: ['#ffffff', '#0f4a85'],
  } as const;
  const colours = (
    JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      contributes: { colors: { id: string; defaults: Record<keyof typeof EDITORS, string> }[] };
    }
  ).contributes.colors;

  test.each(Object.entries(EDITORS))('are seen in %s, with the text selected too', (theme, grounds) => {
    for (const id of ['explainAttention.underline', 'explainAttention.negativeUnderline']) {
      const line = colours.find((colour) => colour.id === id)?.defaults[theme as keyof typeof EDITORS];
      // 3 is WCAG 1.4.11; between white and Light High Contrast's selection nothing has more than 2.995 to both.
      for (const ground of grounds) expect(contrast(rgb(line), rgb(ground))).toBeGreaterThanOrEqual(2.99);
    }
  });
});
