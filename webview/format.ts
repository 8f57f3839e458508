/** Numbers and tokens as people read them. */
import type { Token } from '../src/attention/types';

/** A weight in a narrow cell: `1`, `.83`, `.05`, `<.01`, or `·` for 0. */
export function shortWeight(weight: number): string {
  if (weight >= 0.995) return weight >= 1.005 ? weight.toFixed(1) : '1';
  if (weight >= 0.005) return weight.toFixed(2).slice(1);
  return weight > 0 ? '<.01' : '·';
}

/** A weight exactly enough to compare: four decimals, more where it is tiny. */
export function exactWeight(weight: number): string {
  return weight === 0 || weight >= 0.0001 ? weight.toFixed(4) : weight.toExponential(1);
}

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

/** Layers and heads are counted from 1 wherever they are shown. */
export const layerName = (layer: number): string => `Layer ${layer + 1}`;
export const headName = (head: number): string => `Head ${head + 1}`;

const VISIBLE: Readonly<Record<string, string>> = { ' ': '␣', '\n': '⏎', '\r': '␍', '\t': '⇥', '\u00a0': '⍽', '\u200b': '∅', '\u200d': '∅', '\ufeff': '∅', '\0': '␀' };

/** White space and invisible characters of a token that has nothing else, made visible. */
export function visibleSpace(text: string): string {
  return [...text].map((character) => VISIBLE[character] ?? character).join('');
}

export const isBlank = (text: string): boolean => /^[\s\u200b-\u200d\ufeff\0]*$/u.test(text);

/** A token as a short label: in axes, lists and sentences. Never empty. */
export function tokenLabel(token: Token | undefined): string {
  if (!token) return '–';
  const { text } = token;
  if (text === '') return '∅';
  if (isBlank(text)) return visibleSpace(text);
  return [...text.trim()].map((character) => (character === ' ' ? ' ' : (VISIBLE[character] ?? character))).join('');
}

/** A label cut to `length` characters (never inside a surrogate pair). */
export function cutLabel(label: string, length: number): string {
  const characters = [...label];
  return characters.length <= length ? label : `${characters.slice(0, length - 1).join('')}…`;
}
