/** Words longer by two fifths, accented: what is not translated, or too narrow, shows. */
interface Words {
  readonly [key: string]: string | Words;
}

const share = 0.4;
const accents: Readonly<Record<string, string>> = {
  ...{ a: "á", e: "é", i: "í", o: "ó", u: "ú", y: "ý" },
  ...{ A: "Á", E: "É", I: "Í", O: "Ó", U: "Ú", Y: "Ý" },
};
const padding = "íéőű áõêî ";

/** A text made longer; its placeholders stay. */
export function pseudoText(text: string): string {
  const parts = text.split(/(\{\w+\})/);
  const accented = parts.map((part) =>
    part.startsWith("{")
      ? part
      : part.replace(/[aeiouy]/gi, (letter) => accents[letter] ?? letter),
  );
  const letters = parts.filter((part) => !part.startsWith("{")).join("").length;
  const more = Math.ceil(letters * share);
  const pad = padding.repeat(Math.ceil(more / padding.length)).slice(0, more);
  return `${accented.join("")}${pad}`.trimEnd();
}

/** All words of a language, made longer. */
export function pseudoWords<Tree extends Words>(words: Tree): Tree {
  const made = Object.entries(words).map(([key, value]) => [
    key,
    typeof value === "string" ? pseudoText(value) : pseudoWords(value),
  ]);
  // The same keys with texts of the same kind.
  return Object.fromEntries(made) as Tree;
}
