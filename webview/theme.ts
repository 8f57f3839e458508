/** The colours of VS Code's theme as numbers, and a way to hear of each change of theme. */
import type { Measure } from '../src/measure/measure';
import { toByte } from '../src/measure/bytes';
import { buildDivergingRamp, buildRamp, contrast, css, type Ramp, type Rgb } from './render/ramp';

/** A number's colour, and a colour to write on it. */
export interface Colour {
  /** The entry of the scale; that of zero is left uncoloured. */
  readonly step: number;
  readonly fill: string;
  readonly text: string;
}

export interface Palette {
  /** The scale of unsigned numbers. */
  readonly ramp: Ramp;
  /** The scale of signed numbers. */
  readonly diverging: Ramp;
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  readonly border: string;
  readonly focus: string;
  /** A colour of the ramp that stands out from the background, for lines and bars; below zero, another. */
  readonly line: string;
  readonly lineBelow: string;
  readonly highContrast: boolean;
}

let pen: CanvasRenderingContext2D | null | undefined;

/** Any CSS colour as bytes, over `under` where it is not opaque; `otherwise` where the variable is not set. */
function variable(styles: CSSStyleDeclaration, names: readonly string[], otherwise: Rgb, under: Rgb = otherwise): Rgb {
  pen ??= new OffscreenCanvas(1, 1).getContext('2d', {
    willReadFrequently: true,
  }) as unknown as CanvasRenderingContext2D | null;
  const value = names
    .map((name) => styles.getPropertyValue(name).trim())
    .find((found) => found !== '' && CSS.supports('color', found));
  if (!pen || value === undefined) return otherwise;
  pen.globalCompositeOperation = 'source-over';
  pen.fillStyle = css(under);
  pen.fillRect(0, 0, 1, 1);
  pen.fillStyle = value;
  pen.fillRect(0, 0, 1, 1);
  const { data } = pen.getImageData(0, 0, 1, 1);
  return [data[0] ?? 0, data[1] ?? 0, data[2] ?? 0];
}

/** The least contrast of lines and bars with the background (WCAG 2.2, 1.4.11 asks for 3). */
const LINE_CONTRAST = 4;

/** The first entry from `zero` on, in steps of `by`, that stands out from the background. */
function lineOf({ table, zero }: Ramp, background: Rgb, by: 5 | -5): string {
  let entry = zero + 12 * by;
  const at = (index: number): Rgb => [table[index * 4] ?? 0, table[index * 4 + 1] ?? 0, table[index * 4 + 2] ?? 0];
  while (entry + by > 0 && entry + by < 256 && contrast(at(entry), background) < LINE_CONTRAST) entry += by;
  return css(at(entry));
}

/** The colour scale of a measure. */
export const rampOf = ({ ramp, diverging }: Palette, { signed }: Pick<Measure, 'signed'>): Ramp =>
  signed ? diverging : ramp;

/** The colour of a number of this measure. */
export function colourOf(palette: Palette, measure: Measure, value: number): Colour {
  const step = toByte(value, measure);
  const { zero, fill, text } = rampOf(palette, measure);
  return { step, fill: step === zero ? '' : (fill[step] ?? ''), text: step === zero ? '' : (text[step] ?? '') };
}

const isLight = ({ classList }: HTMLElement): boolean =>
  classList.contains('vscode-light') || classList.contains('vscode-high-contrast-light');

const isHighContrast = ({ classList }: HTMLElement): boolean =>
  classList.contains('vscode-high-contrast') || classList.contains('vscode-high-contrast-light');

function buildPalette(styles: CSSStyleDeclaration, light: boolean, highContrast: boolean): Palette {
  const background = variable(styles, ['--vscode-editor-background'], light ? [255, 255, 255] : [30, 30, 30]);
  const own = (names: readonly string[], otherwise: Rgb): Rgb => variable(styles, names, otherwise, background);
  const foreground = own(['--vscode-editor-foreground', '--vscode-foreground'], light ? [59, 59, 59] : [204, 204, 204]);
  const accent = own(['--vscode-charts-blue', '--vscode-focusBorder', '--vscode-textLink-foreground'], [55, 148, 255]);
  const muted = own(['--vscode-descriptionForeground'], foreground);
  const ramp = buildRamp(background, accent, foreground);
  const diverging = buildDivergingRamp(background, foreground);
  return {
    ramp,
    diverging,
    foreground: css(foreground),
    muted: css(contrast(muted, background) >= 4.5 ? muted : foreground),
    background: css(background),
    border: css(own(['--vscode-contrastBorder', '--vscode-panel-border', '--vscode-widget-border'], foreground)),
    focus: css(own(['--vscode-contrastActiveBorder', '--vscode-focusBorder'], foreground)),
    line: lineOf(ramp, background, 5),
    lineBelow: lineOf(diverging, background, -5),
    highContrast,
  };
}

/** The variables that a palette is made of. */
const READ = [
  '--vscode-editor-background',
  '--vscode-editor-foreground',
  '--vscode-foreground',
  '--vscode-charts-blue',
  '--vscode-focusBorder',
  '--vscode-textLink-foreground',
  '--vscode-descriptionForeground',
  '--vscode-contrastBorder',
  '--vscode-panel-border',
  '--vscode-widget-border',
  '--vscode-contrastActiveBorder',
] as const;

let known: { readonly key: string; readonly palette: Palette } | undefined;

/**
 * The palette of the page's theme; the same object as long as the theme is the same. The root's style also changes for
 * other reasons than a theme (a panel that is resized), and scales of 256 colours are not built for nothing.
 */
export function readPalette(): Palette {
  const styles = getComputedStyle(document.documentElement);
  const { body } = document;
  const highContrast = isHighContrast(body);
  const key = [...READ.map((name) => styles.getPropertyValue(name)), isLight(body), highContrast].join('|');
  if (known?.key !== key) known = { key, palette: buildPalette(styles, isLight(body), highContrast) };
  return known.palette;
}

/** VS Code changes the body's class and the root's style when the theme changes. Returns how to stop watching. */
export function watchTheme(changed: (palette: Palette) => void): () => void {
  const observer = new MutationObserver(() => changed(readPalette()));
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
  return () => observer.disconnect();
}
