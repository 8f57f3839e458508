/** The theme's colours as numbers, and word of every change of theme. */
import { buildRamp, contrast, css, type Ramp, type Rgb } from './render/ramp';

export interface Palette {
  readonly ramp: Ramp;
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  readonly border: string;
  readonly focus: string;
  /** A colour of the ramp that stands out from the background, for lines and bars. */
  readonly line: string;
  readonly highContrast: boolean;
}

let probe: CanvasRenderingContext2D | null | undefined;

/** Any CSS colour as bytes, over `under` where it is not opaque; `otherwise` where the variable is not set. */
function variable(styles: CSSStyleDeclaration, names: readonly string[], otherwise: Rgb, under: Rgb = otherwise): Rgb {
  probe ??= new OffscreenCanvas(1, 1).getContext('2d', {
    willReadFrequently: true,
  }) as unknown as CanvasRenderingContext2D | null;
  const value = names
    .map((name) => styles.getPropertyValue(name).trim())
    .find((found) => found !== '' && CSS.supports('color', found));
  if (!probe || value === undefined) return otherwise;
  probe.globalCompositeOperation = 'source-over';
  probe.fillStyle = css(under);
  probe.fillRect(0, 0, 1, 1);
  probe.fillStyle = value;
  probe.fillRect(0, 0, 1, 1);
  const { data } = probe.getImageData(0, 0, 1, 1);
  return [data[0] ?? 0, data[1] ?? 0, data[2] ?? 0];
}

export function readPalette(): Palette {
  const styles = getComputedStyle(document.documentElement);
  const light =
    document.body.classList.contains('vscode-light') || document.body.classList.contains('vscode-high-contrast-light');
  const highContrast =
    document.body.classList.contains('vscode-high-contrast') ||
    document.body.classList.contains('vscode-high-contrast-light');
  const background = variable(styles, ['--vscode-editor-background'], light ? [255, 255, 255] : [30, 30, 30]);
  const foreground = variable(
    styles,
    ['--vscode-editor-foreground', '--vscode-foreground'],
    light ? [59, 59, 59] : [204, 204, 204],
    background,
  );
  const accent = variable(
    styles,
    ['--vscode-charts-blue', '--vscode-focusBorder', '--vscode-textLink-foreground'],
    [55, 148, 255],
    background,
  );
  const ramp = buildRamp(background, accent, foreground);
  const at = (index: number): Rgb => [
    ramp.table[index * 4] ?? 0,
    ramp.table[index * 4 + 1] ?? 0,
    ramp.table[index * 4 + 2] ?? 0,
  ];
  let line = 60;
  while (line < 255 && contrast(at(line), background) < 4) line += 5;
  const muted = variable(styles, ['--vscode-descriptionForeground'], foreground, background);
  return {
    ramp,
    foreground: css(foreground),
    muted: css(contrast(muted, background) >= 4.5 ? muted : foreground),
    background: css(background),
    border: css(
      variable(
        styles,
        ['--vscode-contrastBorder', '--vscode-panel-border', '--vscode-widget-border'],
        foreground,
        background,
      ),
    ),
    focus: css(variable(styles, ['--vscode-contrastActiveBorder', '--vscode-focusBorder'], foreground, background)),
    line: css(at(Math.min(255, line))),
    highContrast,
  };
}

/** VS Code changes the body's class and the root's style when the theme changes. */
export function watchTheme(changed: (palette: Palette) => void): void {
  const observer = new MutationObserver(() => changed(readPalette()));
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}
