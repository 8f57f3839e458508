/**
 * Colour scales. For weights one hue, from the theme's background to a strong end, monotone in lightness
 * (OKLab, https://bottosson.github.io/posts/oklab), so that order survives every kind of colour vision and print.
 * For signed numbers one such scale to each side of zero, in two hues that every kind of colour vision tells apart.
 */
export type Rgb = readonly [red: number, green: number, blue: number];

export interface Ramp {
  /** 256 RGBA entries; entry i is the byte i of a map. */
  readonly table: Uint8Array;
  /** The same as CSS colours. */
  readonly fill: readonly string[];
  /** A text colour for each entry with a contrast of at least 4.5 (WCAG 2.2, 1.4.3). */
  readonly text: readonly string[];
  /** The entry of 0: the background. */
  readonly zero: number;
}

/** Most weights are small: this exponent gives them a visible share of the colours; the legend shows how. */
const EXPONENT = 0.62;

const linear = (byte: number): number => {
  const c = byte / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};
const encoded = (value: number): number =>
  255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);

/** sRGB bytes to OKLCh: lightness 0 to 1, chroma, hue in radians. */
function toOklch([red, green, blue]: Rgb): readonly [number, number, number] {
  const r = linear(red);
  const g = linear(green);
  const b = linear(blue);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const lightness = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const bb = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return [lightness, Math.hypot(a, bb), Math.atan2(bb, a)];
}

function fromOklch(lightness: number, chroma: number, hue: number): readonly [number, number, number] {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** The nearest colour inside sRGB with the same lightness and hue. */
function inGamut(lightness: number, chroma: number, hue: number): Rgb {
  for (let c = chroma; c > 0; c -= 0.004) {
    const rgb = fromOklch(lightness, c, hue);
    if (rgb.every((value) => value >= -0.5 && value <= 255.5))
      return rgb.map((value) => Math.round(value)) as unknown as Rgb;
  }
  return fromOklch(lightness, 0, hue).map((value) => Math.round(Math.min(255, Math.max(0, value)))) as unknown as Rgb;
}

/** WCAG relative luminance. */
export function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** WCAG contrast ratio, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const a = luminance(one);
  const b = luminance(other);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** A colour as CSS writes it. */
export const css = ([red, green, blue]: Rgb): string => `rgb(${red}, ${green}, ${blue})`;

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];

/** The colour at `share` (0 to 1) of the way from the background to the accent's strong end. */
function colourAt(share: number, background: Rgb, accent: Rgb): Rgb {
  if (share <= 0) return background;
  const [lightness, chroma, ownHue] = toOklch(background);
  const [, accentChroma, hue] = toOklch(accent);
  const end = lightness < 0.5 ? 0.9 : 0.36;
  const t = share ** EXPONENT;
  // Chroma rises quickly to the accent's and gives way a little at the end, where sRGB has less of it.
  const c = chroma + (Math.max(accentChroma, 0.1) - chroma) * Math.sin((Math.PI / 2) * Math.min(1, t * 1.5));
  return inGamut(lightness + (end - lightness) * t, c, chroma < 0.004 || t > 0.05 ? hue : ownHue);
}

/** The foreground where that reads well, else black or white, whichever stands out more. */
function readableOn(colour: Rgb, foreground: Rgb): Rgb {
  if (contrast(colour, foreground) >= 4.5) return foreground;
  return contrast(colour, BLACK) > contrast(colour, WHITE) ? BLACK : WHITE;
}

function rampOf(zero: number, foreground: Rgb, colour: (entry: number) => Rgb): Ramp {
  const table = new Uint8Array(1024);
  const colours = Array.from({ length: 256 }, (_, entry) => colour(entry));
  colours.forEach((rgb, entry) => table.set([...rgb, 255], entry * 4));
  return { table, zero, fill: colours.map(css), text: colours.map((rgb) => css(readableOn(rgb, foreground))) };
}

/** Entry 0 is `background` itself; the hue is `accent`'s; text is `foreground` wherever that reads well. */
export function buildRamp(background: Rgb, accent: Rgb, foreground: Rgb): Ramp {
  return rampOf(0, foreground, (entry) => colourAt(entry / 255, background, accent));
}

/** The entry of 0 in a diverging scale, and how many there are to either side of it. */
const MIDDLE = 128;
const SIDE = 127;

/**
 * The two hues of a signed scale. Blue and orange stay apart for red-, green- and blue-blind eyes alike, which a theme's
 * own colours need not.
 */
const ABOVE: Rgb = [55, 148, 255];
const BELOW: Rgb = [209, 134, 22];

/**
 * Entry 128 is `background` itself; above it the scale leads to blue, below it to orange, both equally far from the
 * background in lightness: the size of a number can be read without telling the hues apart.
 */
export function buildDivergingRamp(background: Rgb, foreground: Rgb): Ramp {
  return rampOf(MIDDLE, foreground, (entry) =>
    colourAt(Math.min(1, Math.abs(entry - MIDDLE) / SIDE), background, entry < MIDDLE ? BELOW : ABOVE),
  );
}
