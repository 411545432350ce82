/** Not the plural of what is left without its s. */
const wholeWords: ReadonlySet<string> = new Set(["goods"]);

/** Light stemming of English: plural, -ed, -ing, doubled end, final e. */
export function stem(word: string): string {
  if (word.length < 4 || word.includes("'") || wholeWords.has(word)) {
    return word;
  }
  let out = word;
  if (out.endsWith("ies")) out = `${out.slice(0, -3)}y`;
  else if (out.endsWith("sses")) out = out.slice(0, -2);
  else if (/[^aius]s$/.test(out)) out = out.slice(0, -1);
  const cut = out.replace(/(?:ing|ed)$/, "");
  if (cut !== out && cut.length >= 2 && /[aeiouy]/.test(cut)) {
    out = cut.length === 2 ? `${cut}e` : cut;
  }
  if (out.length < 4) return out;
  return out
    .replace(/([bdfgklmnprt])\1$/, "$1")
    .replace(/e$/, "")
    .replace(/y$/, "i");
}
