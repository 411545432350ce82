import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { inflate, readLines, readWhole } from "./body.ts";
import { RequestRefused } from "./problem.ts";

async function linesOf(
  chunks: readonly string[],
  max = 100,
): Promise<(string | number | boolean)[][]> {
  const lines: (string | number | boolean)[][] = [];
  const body = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  for await (const block of readLines(body, max)) {
    for (const { bytes, whole, number } of block) {
      lines.push([bytes.toString(), whole, number]);
    }
  }
  return lines;
}

describe("lines", () => {
  it.each([
    [["a\nb\n"], ["a", "b"]],
    [["a\nb"], ["a", "b"]],
    [
      ["a", "b\nc"],
      ["ab", "c"],
    ],
    [["a\r\n\r\n \t\nb"], ["a\r", "b"]],
    [["", "\n\n", ""], []],
    [[], []],
  ])("%j", async (chunks, wanted) => {
    expect((await linesOf(chunks)).map(([text]) => text)).toEqual(wanted);
  });

  it("numbers them with blank ones counted", async () => {
    const numbers = (await linesOf(["\na\n\nb"])).map(([, , line]) => line);
    expect(numbers).toEqual([2, 4]);
  });

  it("joins characters cut between chunks", async () => {
    const bytes = Buffer.from("银行\n");
    const body = Readable.from([...bytes].map((byte) => Buffer.from([byte])));
    const lines: string[] = [];
    for await (const block of readLines(body, 100)) {
      lines.push(...block.map((line) => line.bytes.toString()));
    }
    expect(lines).toEqual(["银行"]);
  });

  it("cuts a line at the limit and goes on with the next", async () => {
    expect(await linesOf(["x".repeat(50), "x".repeat(60), "\nb\n"])).toEqual([
      ["x".repeat(100), false, 1],
      ["b", true, 2],
    ]);
  });
});

describe("bodies", () => {
  it("inflates, and limits what comes out", async () => {
    const zipped = gzipSync("x".repeat(1000));
    const open = (max: number): Readable =>
      inflate(Readable.from([zipped]), "gzip", max);
    expect(await readWhole(open(1000))).toHaveLength(1000);
    await expect(readWhole(open(999))).rejects.toThrow(RequestRefused);
  });

  it("fails on a cut gzip", async () => {
    const cut = gzipSync("x".repeat(1000)).subarray(0, 20);
    const body = inflate(Readable.from([cut]), "gzip", 1000);
    await expect(readWhole(body)).rejects.toMatchObject({ code: "bad_gzip" });
  });

  it("hears of a sender that goes away", async () => {
    const raw = new Readable({ read: () => undefined });
    const read = readWhole(inflate(raw, undefined, 1000));
    raw.push("x");
    raw.destroy(new Error("aborted"));
    await expect(read).rejects.toThrow("aborted");
  });
});
