/** Paints a scene on a canvas. */
import {
  HATCH_STEP,
  seenOf,
  type CurveMark,
  type HatchMark,
  type MatrixMark,
  type MeasureText,
  type RectMark,
  type Scene,
  type TextMark,
} from './scene';

type Pen = CanvasRenderingContext2D;

function paintRect(pen: Pen, { x, y, width, height, fill, stroke, lineWidth, opacity }: RectMark): void {
  pen.globalAlpha = opacity ?? 1;
  if (fill !== undefined) {
    pen.fillStyle = fill;
    pen.fillRect(x, y, width, height);
  }
  if (stroke === undefined) return;
  pen.strokeStyle = stroke;
  pen.lineWidth = lineWidth ?? 1;
  pen.strokeRect(x, y, width, height);
}

function paintCurve(
  pen: Pen,
  { from, leaving, arriving, to, stroke, lineWidth, opacity, dashed, flat }: CurveMark,
): void {
  pen.globalAlpha = opacity;
  pen.strokeStyle = stroke;
  pen.lineWidth = lineWidth;
  pen.lineCap = flat === true ? 'butt' : 'round';
  pen.setLineDash(dashed === true ? [4, 4] : []);
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.bezierCurveTo(leaving.x, leaving.y, arriving.x, arriving.y, to.x, to.y);
  pen.stroke();
}

const fontOf = (family: string, size: number, bold: boolean): string => `${bold ? 'bold ' : ''}${size}px ${family}`;

function paintText(pen: Pen, family: string, mark: TextMark): void {
  const { x, y, text, align, colour, size, bold, angle, opacity, room } = mark;
  pen.save();
  pen.translate(x, y);
  if (angle !== undefined) pen.rotate(angle);
  pen.globalAlpha = opacity ?? 1;
  pen.fillStyle = colour;
  pen.font = fontOf(family, size, bold === true);
  pen.textAlign = align;
  pen.textBaseline = 'middle';
  pen.fillText(text, 0, 0, room);
  pen.restore();
}

function paintHatch(pen: Pen, { x, y, width, height, stroke }: HatchMark): void {
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.beginPath();
  for (let at = -height; at < width; at += HATCH_STEP) {
    pen.moveTo(x + at, y + height);
    pen.lineTo(x + at + height, y);
  }
  pen.strokeStyle = stroke;
  pen.lineWidth = 1;
  pen.globalAlpha = 0.6;
  pen.stroke();
  pen.restore();
}

let picture: OffscreenCanvas | undefined;

function paintMatrix(pen: Pen, mark: MatrixMark, ratio: number): void {
  const { x, y, width, height, rows, columns, data, table } = mark;
  if (rows * columns === 0) return;
  picture ??= new OffscreenCanvas(1, 1);
  picture.width = columns;
  picture.height = rows;
  const context = picture.getContext('2d');
  if (!context) return;
  const image = context.createImageData(columns, rows);
  const colours = new Uint32Array(table.slice(0, 1024).buffer);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = colours[data[i] ?? 0] ?? 0;
  context.putImageData(image, 0, 0);
  pen.globalAlpha = 1;
  // Shrinking is smoothed, enlarging is not: cells stay cells.
  const seen = seenOf(mark);
  pen.imageSmoothingEnabled = Math.min(width / seen.columns, height / seen.rows) * ratio < 1;
  pen.drawImage(picture, seen.column, seen.row, seen.columns, seen.rows, x, y, width, height);
}

/**
 * Sizes the canvas for the scene and paints it, mark by mark.
 * @param ratio device pixels of a CSS pixel
 * @param painted paints a matrix by itself and says so: a heat map has a painter of its own, for its size
 */
export function paintCanvas(
  canvas: HTMLCanvasElement,
  { width, height, font, marks }: Scene,
  ratio: number,
  painted: (mark: MatrixMark) => boolean = () => false,
): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  for (const mark of marks) {
    switch (mark.shape) {
      case 'rect':
        paintRect(pen, mark);
        break;
      case 'curve':
        paintCurve(pen, mark);
        break;
      case 'text':
        paintText(pen, font, mark);
        break;
      case 'hatch':
        paintHatch(pen, mark);
        break;
      case 'matrix':
        if (!painted(mark)) paintMatrix(pen, mark, ratio);
        break;
    }
  }
}

/** How wide texts are in a font. */
export function measureWith(canvas: HTMLCanvasElement, family: string): MeasureText {
  const pen = canvas.getContext('2d');
  return (text, size, bold) => {
    if (!pen) return text.length * size * 0.6;
    const before = pen.font;
    pen.font = fontOf(family, size, bold);
    const { width } = pen.measureText(text);
    pen.font = before;
    return width;
  };
}
