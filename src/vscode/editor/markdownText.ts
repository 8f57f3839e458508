/**
 * Text that somebody else wrote (a model's tokens, a name) as Markdown that can never be anything but that text.
 * A code span is no protection: a blank line ends the paragraph that it is in, a bar the table cell, and what comes
 * after is markup, such as a picture that VS Code fetches from an address of the model's choice.
 */

/** Longer than any token that a person reads; what is left out is said by the dots. */
const LONGEST = 200;

/** What Markdown, and the HTML that is made of it, take as it stands. Everything else is written as a reference. */
const PLAIN = /^[\p{L}\p{N}]$/u;
/** References to these mean other characters (HTML, "numeric character reference end state"), or none. */
const CONTROL = /^[\p{Cc}\p{Cs}]$/u;

/** A control character by its picture: U+2400 and on for the ASCII ones. */
function pictureOf(code: number): string {
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}

function escaped(character: string): string {
  if (PLAIN.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return CONTROL.test(character) ? pictureOf(code) : `&#${code};`;
}

/**
 * The text with every character but letters and digits as a numeric reference (CommonMark 2.5), which is read as text
 * wherever it stands, table cells included, and is never part of a link, an address or an icon's name.
 */
export function markdownText(text: string): string {
  const characters = Array.from(text.slice(0, 2 * LONGEST));
  const cut = text.length > 2 * LONGEST || characters.length > LONGEST;
  return characters.slice(0, LONGEST).map(escaped).join('') + (cut ? '…' : '');
}
