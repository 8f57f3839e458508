import { describe, expect, test } from 'vitest';
import { buildRamp, contrast, luminance, type Rgb } from '../../webview/render/ramp';
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
