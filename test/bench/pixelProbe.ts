/** When something was first painted: milliseconds since 1970, with a fraction. */
export interface Marks {
  heading?: number;
  /** The tokens of the explained text. */
  source?: number;
  /** The overview of all heads; the chosen head large. */
  atlas?: number;
  head?: number;
  /** The k-th generated token. */
  readonly generated: number[];
  ended?: number;
}

export interface PixelProbe {
  marks: Marks;
  /** The panel's status line. */
  status: string;
  /** From now on only `text` counts, explained from the place that `title` names. */
  arm(text: string, title: string): void;
}

/** From now on pages that begin are looked at in this tab. Sent into every frame before the frame's own scripts. */
export function chooseTab(id: string): void {
  Reflect.set(window, 'pixelProbeTab', id);
}

/**
 * Notes in a webview's own frame when an explanation's parts are painted: it looks once a frame and takes the time of
 * the first task after that frame. Sent as text into every frame before the frame's own scripts: nothing from around it.
 *
 * What is left of the explanation before does not count: the heading and every token must be the wanted ones, and a
 * panel clears both pictures when it is told of another explanation, before that one has tokens.
 */
export function installPixelProbe({ text, title }: { readonly text: string; readonly title: string }): void {
  const letters = (of: string): string => of.replace(/[^\p{L}\p{N}]/gu, '');
  const blank = (): Marks => ({ generated: [] });
  let wanted = { letters: letters(text), title };
  /** The overview as it was when the probe was armed. */
  let before = '';
  /** The chosen head's map as it was then, where it is drawn without WebGL. */
  let headBefore = 0;
  const seen = new Set<string>();
  let tokensAreThere = false;
  let generated = 0;

  const painted = (mark: (time: number) => void): void => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      mark(performance.timeOrigin + performance.now());
      port1.close();
    };
    port2.postMessage(null);
  };
  const once = (name: 'heading' | 'source' | 'atlas' | 'head' | 'ended'): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const { marks } = probe;
    painted((time) => (marks[name] = time));
  };
  const isVisible = (node: Element | null | undefined): boolean => {
    if (!node?.checkVisibility({ visibilityProperty: true })) return false;
    // VS Code loads a page in a hidden frame and shows it when it is there.
    for (let frame = window.frameElement; frame; frame = frame.ownerDocument.defaultView?.frameElement ?? null) {
      if (!frame.checkVisibility({ visibilityProperty: true })) return false;
    }
    return true;
  };

  /** An empty grid has a colour for its lines, one between them and one for the head that is chosen; weights have a shade each. */
  const EMPTY = 8;
  /** Looks no further than it has to: a map is large, and what is timed waits meanwhile. */
  const isPicture = (pixels: Uint32Array): boolean => {
    const shades = new Set<number>();
    return pixels.some((pixel) => shades.add(pixel).size > EMPTY);
  };
  const SIDE = 48;
  const copy = new OffscreenCanvas(SIDE, SIDE).getContext('2d', { willReadFrequently: true });
  /** A canvas's pixels, made small; empty where there is no picture. */
  const picture = (canvas: HTMLCanvasElement | null): string => {
    if (!copy || !canvas || canvas.width * canvas.height === 0) return '';
    copy.imageSmoothingEnabled = false; // Between two colours it would make more.
    copy.clearRect(0, 0, SIDE, SIDE);
    copy.drawImage(canvas, 0, 0, SIDE, SIDE);
    const pixels = new Uint32Array(copy.getImageData(0, 0, SIDE, SIDE).data.buffer);
    return isPicture(pixels) ? pixels.join() : '';
  };
  /** Goes to the tab that is to be looked at (`chooseTab`), as soon as there is one. */
  const tabChosen = (): boolean => {
    const id: unknown = Reflect.get(window, 'pixelProbeTab');
    if (typeof id !== 'string') return true;
    const tab = document.querySelector<HTMLElement>(`[role="tab"][data-id="${id}"]`);
    if (!isVisible(tab)) return false;
    if (tab?.ariaSelected === 'true') return true;
    tab?.click();
    return false;
  };
  const atlas = (): HTMLCanvasElement | null => document.querySelector<HTMLCanvasElement>('.atlas-pixels');

  /** A number for what the large map shows where Canvas2D draws it, 0 where that is no picture. WebGL's is read when it is drawn. */
  const head = (): number => {
    const canvas = document.querySelector<HTMLCanvasElement>('.heat[data-backend="canvas2d"] .heat-pixels');
    if (!canvas || !isVisible(canvas) || canvas.width * canvas.height === 0) return 0;
    const context = canvas.getContext('2d');
    if (!context) return 0;
    const pixels = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return isPicture(pixels) ? pixels.reduce((sum, pixel, at) => (sum * 31 + pixel + at) >>> 0, 1) : 0;
  };

  const probe: PixelProbe = {
    marks: blank(),
    status: '',
    arm(nextText, nextTitle) {
      wanted = { letters: letters(nextText), title: nextTitle };
      before = picture(atlas());
      headBefore = head();
      seen.clear();
      tokensAreThere = false;
      generated = 0;
      probe.marks = blank();
      probe.status = '';
    },
  };
  Reflect.set(window, 'pixelProbe', probe);

  const look = (): void => {
    requestAnimationFrame(look);
    const heading = document.querySelector('.header .title');
    if (!isVisible(heading) || heading?.textContent !== wanted.title) return;
    once('heading');
    probe.status = document.querySelector('.status-text')?.textContent ?? '';
    const source = [...document.querySelectorAll<HTMLElement>('[data-sequence="source"] .token')];
    const words = source.filter((token) => !token.classList.contains('special')).map((token) => token.textContent);
    tokensAreThere = isVisible(source[0]) && letters(words.join('')) === wanted.letters;
    if (!tokensAreThere) return;
    once('source');
    const canvas = atlas();
    if (!seen.has('atlas') && tabChosen() && isVisible(canvas)) {
      const shown = picture(canvas);
      if (shown !== '' && shown !== before) once('atlas');
    }
    if (!seen.has('head')) {
      const shown = head();
      if (shown !== 0 && shown !== headBefore) once('head');
    }
    const more = document.querySelectorAll('[data-sequence="target"] .token.generated').length - generated;
    if (more > 0) {
      const { marks } = probe;
      painted((time) => marks.generated.push(...new Array<number>(more).fill(time)));
      generated += more;
    }
    if (/^(Done|Stopped|Paused|Failed)/.test(probe.status)) once('ended');
  };
  requestAnimationFrame(look);
  // VS Code writes the page into the frame with document.open(), which forgets the frames asked for.
  let root = document.documentElement;
  const again = setInterval(() => {
    if (seen.has('heading')) clearInterval(again);
    if (document.documentElement === root) return;
    root = document.documentElement;
    requestAnimationFrame(look);
  }, 4);

  // What WebGL2 has drawn is gone once it is on screen: it is read as soon as it is drawn.
  const gl = WebGL2RenderingContext.prototype;
  const draw: WebGL2RenderingContext['drawArrays'] = Reflect.get<WebGL2RenderingContext, 'drawArrays'>(
    gl,
    'drawArrays',
  );
  gl.drawArrays = function (this: WebGL2RenderingContext, ...call) {
    draw.apply(this, call);
    if (seen.has('head') || !tokensAreThere) return;
    const { drawingBufferWidth: width, drawingBufferHeight: height } = this;
    const pixels = new Uint32Array(width * height);
    this.readPixels(0, 0, width, height, this.RGBA, this.UNSIGNED_BYTE, new Uint8Array(pixels.buffer));
    if (isPicture(pixels)) once('head');
  };
}
