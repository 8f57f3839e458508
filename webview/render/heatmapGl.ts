import type { HeatPainter } from './heatPainter';

const VERTEX = `#version 300 es
void main() { // one triangle over the whole viewport
  vec2 corner = vec2(float((gl_VertexID << 1) & 2), float(gl_VertexID & 2));
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

/** Same arithmetic as heatmap2d's: the cell under the pixel that is farthest from zero; zero in gaps and outside. */
const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform usampler2D matrix;
uniform sampler2D colours;
uniform ivec2 cells;      // columns, rows
uniform int above;        // rows that come before the texture's first
uniform vec2 start;       // column, row at the top left
uniform float cell;
uniform float gap;
uniform float height;
uniform int zero;
out vec4 colour;
void main() {
  vec2 centre = vec2(gl_FragCoord.x, height - gl_FragCoord.y);
  vec2 pixel = centre - 0.5;
  ivec2 low = ivec2(floor(start + centre / cell));
  vec2 inside = start * cell + centre - vec2(low) * cell;
  bool inGap = gap > 0.0 && (inside.x < gap || inside.y < gap);
  ivec2 first = low;
  ivec2 last = low;
  if (cell < 1.0) {
    first = ivec2(floor(start + pixel / cell));
    last = max(first, ivec2(ceil(start + (pixel + 1.0) / cell)) - 1);
  }
  first = max(first, ivec2(0));
  last = min(last, cells - 1);
  int most = zero;
  if (!inGap) {
    for (int y = first.y; y <= last.y; y++)
      for (int x = first.x; x <= last.x; x++) {
        int value = int(texelFetch(matrix, ivec2(x, y - above), 0).r);
        if (abs(value - zero) > abs(most - zero)) most = value;
      }
  }
  colour = texelFetch(colours, ivec2(most, 0), 0);
}`;

interface Program {
  readonly program: WebGLProgram;
  readonly uniforms: Readonly<
    Record<'cells' | 'above' | 'start' | 'cell' | 'gap' | 'height' | 'zero', WebGLUniformLocation | null>
  >;
}

function compile(gl: WebGL2RenderingContext): Program | undefined {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) return undefined;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true) return undefined;
  gl.useProgram(program);
  gl.uniform1i(gl.getUniformLocation(program, 'matrix'), 0);
  gl.uniform1i(gl.getUniformLocation(program, 'colours'), 1);
  const at = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
  return {
    program,
    uniforms: {
      cells: at('cells'),
      above: at('above'),
      start: at('start'),
      cell: at('cell'),
      gap: at('gap'),
      height: at('height'),
      zero: at('zero'),
    },
  };
}

function bindTexture(gl: WebGL2RenderingContext, unit: number, texture: WebGLTexture): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
}

/** Of no more cells than this all are put into the texture at once. */
const WHOLE_CELLS = 4e6;

/**
 * The WebGL2 painter: the matrix is an R8UI texture, the colours a 256×1 texture, both fetched exactly, so its pixels
 * equal Canvas2D's. Returns undefined where WebGL2 is missing or the matrix could not be a texture.
 */
export function createGlHeatmap(canvas: HTMLCanvasElement): HeatPainter | undefined {
  const gl = canvas.getContext('webgl2', {
    alpha: false,
    antialias: false,
    depth: false,
    stencil: false,
    powerPreference: 'low-power',
    // What one band does not draw stays from the ones before.
    preserveDrawingBuffer: true,
  });
  if (!gl) return undefined;
  const made = compile(gl);
  if (!made) return undefined;
  const { uniforms } = made;
  const matrixTexture = gl.createTexture();
  const tableTexture = gl.createTexture();
  bindTexture(gl, 0, matrixTexture);
  bindTexture(gl, 1, tableTexture);
  const largest = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
  let rows = 0;
  let columns = 0;
  let zero = 0;
  let matrix = new Uint8Array(0);
  let rowLength = 0;
  /** The rows that are in the texture. */
  let from = 0;
  let to = 0;

  /** Puts rows into the texture, unless they are there: of a large matrix no more than are drawn now, as all of them take long. */
  const bring = (first: number, last: number): void => {
    if (first >= from && last <= to) return;
    [from, to] = rows * columns <= WHOLE_CELLS ? [0, rows] : [first, last];
    gl.activeTexture(gl.TEXTURE0);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, rowLength);
    const data = matrix.subarray(from * rowLength, to * rowLength);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8UI, columns, to - from, 0, gl.RED_INTEGER, gl.UNSIGNED_BYTE, data);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, 0);
    gl.uniform1i(uniforms.above, from);
  };

  const painter: HeatPainter = {
    setMatrix(data, nextRows, nextColumns) {
      rows = Math.min(nextRows, largest);
      columns = Math.min(nextColumns, largest);
      matrix = data as Uint8Array<ArrayBuffer>;
      rowLength = nextColumns;
      from = 0;
      to = 0;
    },
    setTable(table, nextZero) {
      zero = nextZero;
      gl.activeTexture(gl.TEXTURE1);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, table);
    },
    draw({ width, height, column, row, cell, gap }, band = { top: 0, height }) {
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      if (gl.isContextLost() || width === 0 || height === 0) return;
      const first = Math.min(rows, Math.max(0, Math.floor(row + band.top / cell)));
      const last = Math.min(rows, Math.ceil(row + (band.top + band.height) / cell));
      if (columns > 0 && last > first) bring(first, last);
      gl.viewport(0, 0, width, height);
      gl.enable(gl.SCISSOR_TEST);
      gl.scissor(0, height - band.top - band.height, width, band.height);
      gl.uniform2i(uniforms.cells, columns, rows);
      gl.uniform2f(uniforms.start, column, row);
      gl.uniform1f(uniforms.cell, cell);
      gl.uniform1f(uniforms.gap, gap);
      gl.uniform1f(uniforms.height, height);
      gl.uniform1i(uniforms.zero, zero);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    },
    dispose() {
      matrix = new Uint8Array(0);
      gl.deleteTexture(matrixTexture);
      gl.deleteTexture(tableTexture);
      gl.deleteProgram(made.program);
    },
  };
  // The shader is made ready by its first use, which takes a while: here, rather than when there is something to see.
  painter.setMatrix(new Uint8Array(1), 1, 1);
  painter.setTable(new Uint8Array(1024), 0);
  painter.draw({ width: 1, height: 1, column: 0, row: 0, cell: 0.5, gap: 0 });
  return painter;
}
