/** Numbers and tokens as people read them. */
import { layerNumber } from '../src/attention/layers';
import type { KindInfo, Token } from '../src/attention/types';

export function percent(probability: number): string {
  const value = probability * 100;
  if (value === 0) return '0 %';
  if (value < 0.01) return '<0.01 %';
  return `${value >= 99.95 && value < 100 ? '>99.9' : value.toFixed(value < 1 ? 2 : 1)} %`;
}

export function milliseconds(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export const count = (value: number): string => value.toLocaleString('en');

/** Layers and heads are counted from 1 wherever they are shown; a hybrid model's layers keep their own numbers. */
export const layerName = (layer: number, info?: KindInfo): string => `Layer ${layerNumber(info, layer)}`;
export const headName = (head: number): string => `Head ${head + 1}`;

const VISIBLE: Readonly<Record<string, string>> = {
  ' ': '␣',
  '\n': '⏎',
  '\r': '␍',
  '\t': '⇥',
  '\u00a0': '⍽',
  '\u200b': '∅',
  '\u200d': '∅',
  '\ufeff': '∅',
  '\0': '␀',
};

/** White space and invisible characters made visible; long runs are counted: `⏎␣×8`. */
export function visibleSpace(text: string): string {
  return text
    .replace(/(\s)\1*/gu, (run, character: string) => {
      const visible = VISIBLE[character] ?? character;
      return run.length > 2 * character.length ? `${visible}×${run.length}` : visible.repeat(run.length);
    })
    .replace(/[\u200b-\u200d\ufeff\0]/gu, (character) => VISIBLE[character] ?? '∅');
}

export const isBlank = (text: string): boolean => /^[\s\u200b-\u200d\ufeff\0]*$/u.test(text);

/** Axes ask for thousands of labels at every move of the pointer. */
const labels = new WeakMap<Token, string>();

/** A token as a short label: in axes, lists and sentences. Never empty. */
export function tokenLabel(token: Token | undefined): string {
  if (!token) return '–';
  const known = labels.get(token);
  if (known !== undefined) return known;
  const label = textLabel(token.text);
  labels.set(token, label);
  return label;
}

/** A token's text as a short label, never empty. */
export function textLabel(text: string): string {
  if (text === '') return '∅';
  if (isBlank(text)) return visibleSpace(text);
  return text.trim().replace(/[^\S ]|[\u200b-\u200d\ufeff\0]/gu, (character) => VISIBLE[character] ?? '␣');
}

const segmenter = new Intl.Segmenter();

/** A label cut to `length` characters as people count them: never inside an emoji or a combined letter. */
export function cutLabel(label: string, length: number): string {
  if (label.length <= length) return label;
  const characters = Array.from(segmenter.segment(label), ({ segment }) => segment);
  return characters.length <= length ? label : `${characters.slice(0, length - 1).join('')}…`;
}
