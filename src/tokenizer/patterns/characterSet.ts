/** Which code points a class such as `[\p{L}\d]` has: JavaScript's own expression is asked once for each, and the answers are kept. */
const PAGE = 256;
const UNKNOWN = 0;
const IN = 1;
const OUT = 2;

export class CharacterSet {
  readonly #pattern: RegExp;
  readonly #pages: (Uint8Array | undefined)[] = [];

  /** @param source of a class, an escape or a dot, with the flag `u` */
  constructor(source: string) {
    this.#pattern = new RegExp(`^${source}$`, 'u');
  }

  has(code: number): boolean {
    const page = (this.#pages[code >>> 8] ??= new Uint8Array(PAGE));
    const at = code & (PAGE - 1);
    const known = page[at] ?? UNKNOWN;
    if (known !== UNKNOWN) return known === IN;
    const has = this.#pattern.test(String.fromCodePoint(code));
    page[at] = has ? IN : OUT;
    return has;
  }
}
