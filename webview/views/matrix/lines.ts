/** The chosen head as lines between two columns of tokens: all of them for a short text, the focused token's for a longer one. */
import type { HeadMatrix, KindInfo, Token } from '../../../src/attention/types';
import { sequenceName, type App } from '../../state/app';
import { el, setAttribute, setText } from '../../dom';
import { cutLabel, headName, layerName, tokenLabel } from '../../format';
import { isHidden, kindInfo, tokensOf, KIND_NAMES, type AppState } from '../../state/appState';
import { rampIndex } from '../../render/ramp';

const ROW = 18;
/** Up to so many tokens a side every line is drawn; beyond, those of the focused token. */
const ALL_LINES = 40;
/** Beyond this the columns would be taller than a canvas may be. */
const MOST_TOKENS = 600;
const LEAST_BYTE = 5;

interface Scene {
  readonly head: HeadMatrix;
  readonly info: KindInfo;
  readonly queries: readonly Token[];
  readonly keys: readonly Token[];
}

function sceneOf({ snapshot, view, head }: AppState): Scene | undefined {
  const info = kindInfo(snapshot, view.kind);
  if (!info || !head || head.kind !== info.kind) return undefined;
  return {
    head,
    info,
    queries: tokensOf(snapshot, info.queries).slice(0, head.queries),
    keys: tokensOf(snapshot, info.keys).slice(0, head.keys),
  };
}

export function linesView(app: App): HTMLElement {
  const { store } = app;
  const canvas = el('canvas', { class: 'lines-canvas', role: 'img' });
  const scroller = el(
    'div',
    { class: 'lines-scroller', tabIndex: 0, role: 'region', aria: { label: 'Lines between queries and keys' } },
    canvas,
  );
  const note = el('p', { class: 'hint' });
  const element = el('div', { class: 'lines' }, note, scroller);
  let gutter = 110;
  let scheduled = false;

  const draw = (): void => {
    scheduled = false;
    const state = store.get();
    const scene = sceneOf(state);
    const width = scroller.clientWidth;
    const context = canvas.getContext('2d');
    if (!scene || !context || width === 0 || element.hidden) return;
    const { head, info, queries, keys } = scene;
    const rows = Math.max(queries.length, keys.length);
    const tooLong = rows > MOST_TOKENS;
    scroller.hidden = tooLong;
    const few = rows <= ALL_LINES;
    const names = `Left: ${sequenceName(state.snapshot, info.queries).toLowerCase()} (queries). Right: ${sequenceName(state.snapshot, info.keys).toLowerCase()} (keys).`;
    setText(
      note,
      tooLong
        ? `With ${rows} tokens lines cannot be told apart; the matrix shows this head.`
        : few
          ? names
          : `${names} Point at a token to see its lines.`,
    );
    if (tooLong) return;
    setAttribute(
      canvas,
      'aria-label',
      `${KIND_NAMES[info.kind]}, ${layerName(head.layer, info)}, ${headName(head.head)}: lines from ${queries.length} queries to ${keys.length} keys`,
    );

    const ratio = window.devicePixelRatio;
    const height = rows * ROW + 4;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    gutter = Math.min(130, width * 0.3);
    const { palette, view, focus } = state;
    const hide = view.hideSpecial[info.kind];
    const focusedQueries = new Set(
      focus?.sequence === info.queries && (info.queries !== info.keys || state.direction === 'to') ? focus.indices : [],
    );
    const focusedKeys = new Set(
      focus?.sequence === info.keys && (info.queries !== info.keys || state.direction === 'from') ? focus.indices : [],
    );
    const any = focusedQueries.size + focusedKeys.size > 0;
    const y = (index: number): number => index * ROW + ROW / 2 + 2;

    context.lineCap = 'round';
    for (const [query, token] of queries.entries()) {
      if (isHidden(token, hide) || (!few && !any)) continue;
      let most = 255;
      if (view.scale === 'row') {
        most = 1;
        for (let key = 0; key < head.keys; key++)
          if (!isHidden(keys[key], hide)) most = Math.max(most, head.data[query * head.keys + key] ?? 0);
      }
      for (let key = 0; key < head.keys; key++) {
        const byte = head.data[query * head.keys + key] ?? 0;
        const shown = any ? focusedQueries.has(query) || focusedKeys.has(key) : few;
        if (byte < LEAST_BYTE || !shown || isHidden(keys[key], hide)) continue;
        const weight = byte / most;
        context.strokeStyle = palette.line;
        context.globalAlpha = Math.min(1, (any ? 0.25 : 0.06) + weight * 0.85);
        context.lineWidth = 0.75 + 2.5 * weight;
        context.beginPath();
        context.moveTo(gutter + 4, y(query));
        context.bezierCurveTo(width / 2, y(query), width / 2, y(key), width - gutter - 4, y(key));
        context.stroke();
      }
    }
    context.globalAlpha = 1;
    context.textBaseline = 'middle';
    const family = getComputedStyle(scroller).fontFamily;
    const column = (
      tokens: readonly Token[],
      x: number,
      align: CanvasTextAlign,
      strong: ReadonlySet<number>,
      weights: ((index: number) => number) | undefined,
    ): void => {
      context.textAlign = align;
      for (const [index, token] of tokens.entries()) {
        const is = strong.has(index);
        const hidden = isHidden(token, hide);
        const step = weights && !hidden ? rampIndex(weights(index)) : 0;
        if (step > 0) {
          context.fillStyle = palette.ramp.fill[step] ?? '';
          context.fillRect(align === 'right' ? 0 : x - 4, y(index) - ROW / 2 + 1, gutter, ROW - 2);
        }
        context.font = `${is ? 'bold ' : ''}12px ${family}`;
        context.fillStyle = step > 0 ? (palette.ramp.text[step] ?? '') : hidden ? palette.muted : palette.foreground;
        context.globalAlpha = hidden ? 0.6 : 1;
        context.fillText(cutLabel(tokenLabel(token), 18), x, y(index), gutter - 6);
        context.globalAlpha = 1;
      }
    };
    const only = (set: ReadonlySet<number>): number | undefined =>
      set.size === 1 ? set.values().next().value : undefined;
    const query = only(focusedQueries);
    const key = only(focusedKeys);
    column(
      queries,
      gutter - 4,
      'right',
      focusedQueries,
      key === undefined ? undefined : (index) => (head.data[index * head.keys + key] ?? 0) / 255,
    );
    column(
      keys,
      width - gutter + 4,
      'left',
      focusedKeys,
      query === undefined ? undefined : (index) => (head.data[query * head.keys + index] ?? 0) / 255,
    );
  };
  const redraw = (): void => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(draw);
  };

  store.watch(
    ({ detail }) => [detail] as const,
    ([detail]) => {
      element.hidden = detail !== 'lines';
      redraw();
    },
  );
  store.watch(
    ({ head, snapshot, view, focus, direction, palette }) =>
      [head, snapshot?.source, snapshot?.target, view, focus, direction, palette] as const,
    redraw,
  );
  new ResizeObserver(redraw).observe(scroller);

  const under = (
    event: MouseEvent,
  ): { readonly sequence: KindInfo['queries']; readonly index: number; readonly isQuery: boolean } | undefined => {
    const scene = sceneOf(store.get());
    if (!scene) return undefined;
    const frame = canvas.getBoundingClientRect();
    const index = Math.floor((event.clientY - frame.top - 2) / ROW);
    const x = event.clientX - frame.left;
    const isQuery = x <= gutter;
    if (!isQuery && x < frame.width - gutter) return undefined;
    const length = isQuery ? scene.queries.length : scene.keys.length;
    return index >= 0 && index < length
      ? { sequence: isQuery ? scene.info.queries : scene.info.keys, index, isQuery }
      : undefined;
  };
  canvas.addEventListener('pointermove', (event) => {
    const at = under(event);
    // In a self-attention the side that is pointed at says which way to read.
    if (at && store.get().focus?.locked !== true) app.setDirection(at.isQuery ? 'to' : 'from');
    app.hover(at ?? null);
  });
  canvas.addEventListener('pointerleave', () => app.hover(null));
  canvas.addEventListener('click', (event) => {
    const at = under(event);
    if (at) app.lock(at, event.shiftKey || event.ctrlKey || event.metaKey);
  });
  return element;
}
