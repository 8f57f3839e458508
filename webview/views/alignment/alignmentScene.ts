/** Two lines of words with bands between them: a band is as wide as the share that it stands for. */
import type { Unit } from '../../../src/measure/units';
import { cutLabel, textLabel } from '../../format';
import type { Mark, MeasureText, Scene } from '../../render/scene';
import type { Palette } from '../../theme';

/** A word on a line, by its place among all words of its text. */
export interface LineWord {
  readonly word: number;
  readonly text: string;
  readonly muted: boolean;
  readonly unit: Unit;
}

export interface AlignmentPicture {
  readonly source: readonly LineWord[];
  readonly target: readonly LineWord[];
  /** Share of a written word that a source word has, 0 to 1. */
  readonly share: (target: number, source: number) => number;
  /** The word that is looked at: the others' bands are faint. */
  readonly focus: { readonly side: 'source' | 'target'; readonly word: number } | null;
  readonly palette: Palette;
  readonly font: string;
  readonly measure: MeasureText;
  /** The scene's least width, in CSS pixels. */
  readonly width: number;
}

/** Where a word stands, for what is put over it. */
export interface WordBox {
  readonly word: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export const WORD_HEIGHT = 24;
const SIZE = 13;
const GAP = 12;
const MOST_GAP = 40;
const BETWEEN = 110;
const WIDEST_BAND = 16;
const LONGEST = 24;
/** Smaller shares are left out: they would be hairs. */
const LEAST_SHARE = 0.04;

export interface DrawnAlignment {
  readonly scene: Scene;
  readonly boxes: Readonly<Record<'source' | 'target', readonly WordBox[]>>;
}

const labelOf = ({ text }: LineWord): string => cutLabel(textLabel(text), LONGEST);

/** The scene, with the boxes of the words in it, all in CSS pixels. */
export function alignmentScene(picture: AlignmentPicture): DrawnAlignment {
  const { source, target, share, focus, palette, measure } = picture;
  const widths = (line: readonly LineWord[]): readonly number[] =>
    line.map((one) => Math.ceil(measure(labelOf(one), SIZE, true)) + 8);
  const least = (line: readonly LineWord[]): number =>
    widths(line).reduce((sum, one) => sum + one, GAP * Math.max(0, line.length - 1));
  const width = Math.max(picture.width, least(source), least(target));
  // The shorter line is spread, so that words stand about over those that they come from.
  const place = (line: readonly LineWord[], y: number): readonly WordBox[] => {
    const own = widths(line);
    const spare = (width - least(line)) / Math.max(1, line.length - 1);
    const gap = Math.min(MOST_GAP, GAP + spare);
    let x = 0;
    return line.map(({ word }, index) => {
      const box = { word, x, y, width: own[index] ?? 0 };
      x += box.width + gap;
      return box;
    });
  };
  const boxes = { source: place(source, 0), target: place(target, WORD_HEIGHT + BETWEEN) };
  const height = 2 * WORD_HEIGHT + BETWEEN;
  const bands: Mark[] = [];
  for (const to of boxes.target)
    for (const from of boxes.source) {
      const value = share(to.word, from.word);
      if (value < LEAST_SHARE) continue;
      const isFocused = focus === null || (focus.side === 'target' ? to : from).word === focus.word;
      const [top, bottom] = [from.y + WORD_HEIGHT, to.y];
      const [left, right] = [from.x + from.width / 2, to.x + to.width / 2];
      bands.push({
        shape: 'curve',
        from: { x: left, y: top },
        leaving: { x: left, y: top + BETWEEN / 2 },
        arriving: { x: right, y: bottom - BETWEEN / 2 },
        to: { x: right, y: bottom },
        stroke: palette.line,
        lineWidth: Math.max(1, value * Math.min(WIDEST_BAND, from.width, to.width)),
        opacity: isFocused ? 0.25 + 0.6 * value : 0.08,
        flat: true,
      });
    }
  const words = (line: readonly LineWord[], side: 'source' | 'target'): readonly Mark[] =>
    boxes[side].flatMap(({ x, y, word }, index): readonly Mark[] => {
      const one = line[index];
      if (!one) return [];
      const bold = focus?.side === side && focus.word === word;
      return [
        {
          shape: 'text',
          x: x + 4,
          y: y + WORD_HEIGHT / 2,
          text: labelOf(one),
          align: 'left',
          colour: one.muted && !bold ? palette.muted : palette.foreground,
          size: SIZE,
          bold,
        },
      ];
    });
  const marks = [...bands, ...words(source, 'source'), ...words(target, 'target')];
  return { scene: { width, height, font: picture.font, marks }, boxes };
}
