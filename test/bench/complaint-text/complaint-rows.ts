/** Labelled texts of `complaints_zh`, which are not part of the project. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { dataFile } from "../../support/real-data.ts";

export interface LabelledText {
  readonly text: string;
  readonly label: string;
}

export interface ComplaintRows {
  /** Reviews, `complaint` or `satisfied`: to look at, and to judge by. */
  readonly seen: readonly LabelledText[];
  readonly held: readonly LabelledText[];
  /** Letters to a city with their subject, older and newer ones. */
  readonly older: readonly LabelledText[];
  readonly newer: readonly LabelledText[];
}

const set = "complaints_zh";
/** One review in five is held out; words were chosen without it. */
const heldEvery = 5;
const olderShare = 0.7;

function rowsOf(file: string): Readonly<Record<string, string>>[] {
  // The header names the columns; every field is text.
  return parse(gunzipSync(readFileSync(file)), {
    columns: true,
  }) as Readonly<Record<string, string>>[];
}

/** Null where the data set is not on this machine. */
export function complaintRows(): ComplaintRows | null {
  const reviewFile = dataFile(set, "waimai_10k.csv.gz");
  const letterFile = dataFile(set, "citizen_complaints.csv.gz");
  if (reviewFile === null || letterFile === null) return null;
  const reviews = rowsOf(reviewFile).map((row) => ({
    text: row["review"] ?? "",
    label: row["label"] === "0" ? "complaint" : "satisfied",
  }));
  const letters = rowsOf(letterFile)
    .sort((a, b) => ((a["留言时间"] ?? "") < (b["留言时间"] ?? "") ? -1 : 1))
    .map((row) => ({
      text: `${row["留言主题"] ?? ""}\n${row["留言详情"] ?? ""}`,
      label: row["一级分类"] ?? "",
    }));
  const newerFrom = Math.floor(letters.length * olderShare);
  return {
    seen: reviews.filter((_, i) => i % heldEvery !== 0),
    held: reviews.filter((_, i) => i % heldEvery === 0),
    older: letters.slice(0, newerFrom),
    newer: letters.slice(newerFrom),
  };
}
