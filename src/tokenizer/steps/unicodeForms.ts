/** Unicode normalisation forms (UAX #15) with alignment. */
import { type Aligned, AlignedBuilder } from '../offsets/aligned';
import { spend } from '../work';
import { normaliseLong, type UnicodeForm } from './canonicalOrder';

/** Longer stretches go to `normaliseLong`: the time that JavaScript's own function takes grows with the square of the number of marks. */
const LONG = 64;
const MANY_MARKS = new RegExp(`[\\p{M}\\uff9e\\uff9f]{${LONG}}`, 'u');
/** What may compose with, or change places with, the character before: marks, and vowels and finals of Hangul. */
const JOINING = /^[\p{M}\u1160-\u11ff\ud7b0-\ud7ff]/u;

/** Whether a character, or what it decomposes to, joins the one before; asked once for each. */
const joining = { NFD: new Map<number, boolean>(), NFKD: new Map<number, boolean>() };

function joins(code: number, form: 'NFD' | 'NFKD'): boolean {
  if (code < 0x300) return false;
  const known = joining[form].get(code);
  if (known !== undefined) return known;
  const does = JOINING.test(String.fromCodePoint(code).normalize(form));
  joining[form].set(code, does);
  return does;
}

/**
 * Output characters stand for the whole stretch they were composed or decomposed from, but for those at its ends that
 * stayed as they were. A stretch is a character with all that joins it: it normalises independently of its neighbours.
 */
export function toForm(aligned: Aligned, form: UnicodeForm): Aligned {
  const { text } = aligned;
  spend(text.length);
  if (!MANY_MARKS.test(text) && text.normalize(form) === text) return aligned;
  const decomposition = form === 'NFKC' || form === 'NFKD' ? 'NFKD' : 'NFD';
  const builder = new AlignedBuilder(aligned);
  let kept = 0;
  for (let from = 0, to = 0; from < text.length; from = to) {
    to = from + widthAt(text, from);
    while (to < text.length && joins(text.codePointAt(to) ?? 0, decomposition)) to += widthAt(text, to);
    // ASCII is the same in every form.
    if (to === from + 1 && text.charCodeAt(from) < 0x80) continue;
    const stretch = text.slice(from, to);
    const normal = stretch.length > LONG ? normaliseLong(stretch, form) : stretch.normalize(form);
    if (normal === stretch) continue;
    const end = commonEnd(stretch, normal);
    const start = commonStart(stretch, normal, end);
    builder.keep(kept, from + start);
    kept = to - end;
    builder.put(normal.slice(start, normal.length - end), from + start, kept);
  }
  builder.keep(kept, text.length);
  return builder.finish();
}

function widthAt(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** How many UTF-16 units both texts share at their ends, in whole characters; at least one unit of each text is left over. */
function commonEnd(a: string, b: string): number {
  const most = Math.min(a.length, b.length) - 1;
  let length = 0;
  while (length < most && a[a.length - 1 - length] === b[b.length - 1 - length]) length++;
  return isLowSurrogate(a.charCodeAt(a.length - length)) ? length - 1 : length;
}

/** The same at the start, besides what is shared at the end. */
function commonStart(a: string, b: string, end: number): number {
  const most = Math.min(a.length, b.length) - end - 1;
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length > 0 && isLowSurrogate(a.charCodeAt(length)) ? length - 1 : length;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
