/**
 * What a view is: put into a parent it stands there until it is disposed, and then nothing of it is left: no node, no
 * listener, no observer, no timer. It knows nothing outside itself, so it can stand twice.
 */
import type { App } from '../state/app';
import { draw, onFrame } from '../state/frames';

export type Dispose = () => void;
export type View = (parent: Element, app: App) => Dispose;

/** What a view has for as long as it stands. */
export interface Scope {
  /** Calls `render` now, and on a frame after a signal that it has read has changed. */
  draw(render: () => void): void;
  listen<K extends keyof HTMLElementEventMap>(
    target: EventTarget,
    type: K,
    listener: (event: HTMLElementEventMap[K]) => void,
    options?: AddEventListenerOptions,
  ): void;
  /** Calls `resized` whenever the element has another size, and once when it has its first. */
  resize(element: Element, resized: () => void): void;
  /** Returns a function that has `render` called on the next frame, once however often it was called before that. */
  onFrame(render: () => void): () => void;
  /** A timer: `run` is called so many milliseconds after the last `start`, unless `stop` comes first. */
  timer(run: () => void, milliseconds: number): { start(): void; stop(): void };
  /** Puts another view into a part of this one; it goes when this one goes. */
  mount(view: View, parent: Element): void;
  onDispose(dispose: Dispose): void;
}

function createScope(app: App): Scope & { dispose(): void } {
  const disposers: Dispose[] = [];
  const onDispose = (dispose: Dispose): void => void disposers.push(dispose);
  return {
    draw: (render) => onDispose(draw(render)),
    listen(target, type, listener, options) {
      target.addEventListener(type, listener as EventListener, options);
      onDispose(() => target.removeEventListener(type, listener as EventListener, options));
    },
    resize(element, resized) {
      const observer = new ResizeObserver(resized);
      observer.observe(element);
      onDispose(() => observer.disconnect());
    },
    onFrame(render) {
      const drawing = onFrame(render);
      onDispose(drawing.stop);
      return drawing.ask;
    },
    timer(run, milliseconds) {
      let handle: number | undefined;
      const stop = (): void => {
        clearTimeout(handle);
        handle = undefined;
      };
      onDispose(stop);
      return {
        start() {
          stop();
          handle = window.setTimeout(run, milliseconds);
        },
        stop,
      };
    },
    mount: (view, parent) => onDispose(view(parent, app)),
    onDispose,
    dispose() {
      // What was made last goes first: it may use what was made before it.
      for (const dispose of disposers.splice(0).reverse()) dispose();
    },
  };
}

/** A view of what `build` makes; it is called once for each place where the view stands. */
export function view(build: (app: App, scope: Scope) => HTMLElement): View {
  return (parent, app) => {
    const scope = createScope(app);
    const element = build(app, scope);
    parent.append(element);
    return () => {
      scope.dispose();
      element.remove();
    };
  };
}

let names = 0;

/** An id for an element that another one refers to: new each time, so that two of a view do not share it. */
export const newId = (what: string): string => `${what}-${++names}`;
