/** The tokens by which a model that translates into many languages is told which one to write (M2M-100, NLLB, mBART). */
import type { LanguageToken } from '../../protocol/engine';
import type { TextTokenizer } from '../../tokenizer/index';

/** `__fr__` of M2M-100, `fra_Latn` of NLLB, `fr_XX` of mBART: language, and script or region. */
const FORMS: readonly RegExp[] = [/^__([a-z]{2,3})__$/, /^([a-z]{3}_[A-Z][a-z]{3})$/, /^([a-z]{2,3}_[A-Z]{2})$/];
/** One such token by itself is called so by chance. */
const FEWEST = 2;
const MOST = 2000;

/** In the order of their ids; none where the tokenizer has no such tokens. */
export function languageTokens({
  specialIds,
  tokenText,
}: Pick<TextTokenizer, 'specialIds' | 'tokenText'>): readonly LanguageToken[] {
  const ids = [...specialIds].sort((one, other) => one - other);
  for (const form of FORMS) {
    const found = ids.flatMap((id) => {
      const [, code] = form.exec(tokenText(id)) ?? [];
      return code === undefined ? [] : [{ id, code }];
    });
    if (found.length >= FEWEST) return found.slice(0, MOST);
  }
  return [];
}
