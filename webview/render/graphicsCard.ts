/** What WebGL is called where the processor does its work: SwiftShader in Chromium, llvmpipe and softpipe in Mesa, WARP in Windows. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render/i;

let found: boolean | undefined;

/**
 * True where WebGL2 is drawn by a graphics card. Where the processor does it, Chromium puts the page together in software too, and then cuts
 * off a part of a WebGL canvas that something covers: what is seen of it is not all that was drawn. Canvas2D is also the quicker one there.
 */
export function hasGraphicsCard(): boolean {
  found ??= look();
  return found;
}

function look(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) return false;
  const naming = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(naming ? naming.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext(); // a page has few contexts
  return !SOFTWARE.test(name);
}
