import { describe, expect, it } from "vitest";
import { readerParts, shippedLexicon } from "../../text-reader.ts";
import { normalise } from "./normalise.ts";

const { simplify } = readerParts(shippedLexicon());
const textOf = (raw: string): string => normalise(raw, simplify).text;

describe("normalise", () => {
  it.each([
    ["ＡＢＣ，１２３", "abc,123"],
    ["貨款遲遲不發", "货款迟迟不发"],
    ["㈱ Ⅳ ﬁ", "(株) iv fi"],
    ["Ｅ\u0301", "é"],
    ["it’s", "it's"],
    ["电话13800138000打不通", "电话###########打不通"],
    ["+86 138 0013 8000", "+################".slice(0, 17)],
    ["11010519491231002X", "##################"],
    [
      "mail a.b@c.example.com now",
      "mail ################## now".replace(
        "##################",
        "#".repeat(17),
      ),
    ],
    ["订单 1234 号", "订单 1234 号"],
  ])("%s → %s", (raw, expected) => {
    expect(textOf(raw)).toBe(expected);
  });

  it("reads amounts before it masks", () => {
    expect(normalise("欠1200000元", simplify).numbers).toBe("欠1200000元");
  });

  it("the quick way and the thorough way agree", () => {
    const plain = "資金緊張，ＡＢc’“x”—〈1〉";
    // A sign outside the quick way's alphabet makes it go the other one.
    expect(`${textOf(plain)}é`).toBe(textOf(`${plain}é`));
  });
});
