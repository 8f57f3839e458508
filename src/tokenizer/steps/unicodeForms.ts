/** Unicode normalisation forms (UAX #15) with alignment. */
import { type Aligned, AlignedBuilder } from '../offsets/aligned';

export type UnicodeForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/**
 * A stretch that normalises independently of its neighbours: one character, or a Hangul syllable in parts
 * (also of the compatibility and half-width blocks), with the marks that may compose with it.
 */
const STRETCH =
  /(?:(?:[\u1100-\u115f\ua960-\ua97c\u3131-\u314e\uffa1-\uffbe][\u1160-\u11a7\ud7b0-\ud7c6\u314f-\u3163\uffc2-\uffdc]|[\uac00-\ud7a3])[\u11a8-\u11ff\ud7cb-\ud7fb]?|[^])[\p{M}\uff9e\uff9f]*/gu;

/** Where a finer cut is not possible: stretches between ASCII characters. */
const COARSE_STRETCH = /[\0-\x7f](?![^\0-\x7f])|[\0-\x7f]?[^\0-\x7f]+/gu;

/**
 * Output characters stand for the whole stretch they were composed or decomposed from, but for those at its
 * ends that stayed as they were.
 */
export function toForm(aligned: Aligned, form: UnicodeForm): Aligned {
  const wanted = aligned.text.normalize(form);
  if (wanted === aligned.text) return aligned;
  for (const stretch of [STRETCH, COARSE_STRETCH]) {
    const result = byStretches(aligned, form, stretch);
    if (result.text === wanted) return result;
  }
  const builder = new AlignedBuilder(aligned);
  builder.put(wanted, 0, aligned.text.length);
  return builder.finish();
}

function byStretches(aligned: Aligned, form: UnicodeForm, stretch: RegExp): Aligned {
  const builder = new AlignedBuilder(aligned);
  let kept = 0;
  for (const match of aligned.text.matchAll(stretch)) {
    const normal = match[0].normalize(form);
    if (normal === match[0]) continue;
    const end = commonEnd(match[0], normal);
    const start = commonStart(match[0], normal, end);
    builder.keep(kept, match.index + start);
    kept = match.index + match[0].length - end;
    builder.put(normal.slice(start, normal.length - end), match.index + start, kept);
  }
  builder.keep(kept, aligned.text.length);
  return builder.finish();
}

/** Units of whole characters at the end that both texts share, leaving something of each. */
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
