/** Numbers as people read them. Tokens have their labels from src/attention/tokenLabel.ts, for editor and panel alike. */
import { layerNumber } from '../src/attention/layers';
import type { KindInfo } from '../src/attention/types';
import { say } from '../src/text/say';
export {
  bareTokenLabel,
  cutLabel,
  isBlank,
  labelsApart,
  textLabel,
  tokenLabel,
  visibleSpace,
} from '../src/attention/tokenLabel';

/** A probability from 0 to 1 in percent: `42.1 %`, and never rounded to 0 or to 100. */
export function percent(probability: number): string {
  const value = probability * 100;
  if (value === 0) return '0 %';
  if (value < 0.01) return '<0.01 %';
  if (value >= 99.95 && value < 100) return '>99.9 %';
  return `${value.toFixed(value < 1 ? 2 : 1)} %`;
}

/** A time: `850 ms`, `1.2 s`. */
export function milliseconds(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export { counted as count } from '../src/text/say';

/** Layers and heads are counted from 1 wherever they are shown; a hybrid model's layers keep their own numbers. */
export const layerName = (layer: number, info?: KindInfo): string =>
  say('webview.layer', { layer: layerNumber(info, layer) });
export const headName = (head: number): string => say('webview.head', { head: head + 1 });
