/** Trends as files: each says what it holds, of when, and how it is defined. */
import type { TrendRow } from "./trend-rows.ts";

/** Lines above the data: a name and what it says. */
export type About = readonly (readonly [string, string])[];

export interface Sheet {
  readonly about: About;
  /** time, series, value, compared, change */
  readonly head: readonly [string, string, string, string, string];
  readonly rows: readonly TrendRow[];
  readonly time: (at: string) => string;
  readonly name: (series: string) => string;
}

/** Excel in China reads UTF-8 only behind this mark. */
const byteOrderMark = "\uFEFF";

/** A cell; text that a spreadsheet would run is written as text. */
function cell(text: string): string {
  const runs = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text);
  const safe = runs ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** CSV (RFC 4180) with a byte order mark; what it is about stands on top. */
export function trendCsv(sheet: Sheet): string {
  const lines = [
    ...sheet.about,
    [],
    sheet.head,
    ...sheet.rows.map((row) => [
      sheet.time(row.at),
      sheet.name(row.series),
      row.value ?? "",
      row.compared ?? "",
      row.change === null ? "" : row.change.toFixed(4),
    ]),
  ];
  const text = lines.map((line) => line.map(cell).join(",")).join("\r\n");
  return `${byteOrderMark}${text}\r\n`;
}

/** A workbook: the data with numbers as numbers, and what it is about. */
export async function trendWorkbook(
  sheet: Sheet,
  names: { readonly data: string; readonly about: string },
): Promise<Blob> {
  // Loaded when a workbook is asked for: most people never do.
  const { default: writeExcelFile } =
    await import("write-excel-file/universal");
  const number = (text: string | null, format: string) =>
    text === null ? null : { value: Number(text), type: Number, format };
  const change = (value: number | null) =>
    value === null ? null : { value, type: Number, format: "0.0%" };
  const bold = (value: string) => ({ value, fontWeight: "bold" as const });
  const text = (value: string) => ({ value, type: String });
  return writeExcelFile([
    {
      sheet: names.data,
      stickyRowsCount: 1,
      columns: [22, 26, 18, 18, 12].map((width) => ({ width })),
      data: [
        sheet.head.map(bold),
        ...sheet.rows.map((row) => [
          text(sheet.time(row.at)),
          text(sheet.name(row.series)),
          number(row.value, "#,##0.00"),
          number(row.compared, "#,##0.00"),
          change(row.change),
        ]),
      ],
    },
    {
      sheet: names.about,
      columns: [{ width: 18 }, { width: 80 }],
      data: sheet.about.map(([name, says]) => [bold(name), text(says)]),
    },
  ]).toBlob();
}

/** Saves a file of the browser. */
export function saveFile(file: Blob, fileName: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}

const margin = 24;
const lineHeight = 22;

/** The chart as a picture on a ground of its own, what it is about below it. */
export async function trendPicture(
  chart: HTMLCanvasElement,
  about: About,
  colours: { readonly ground: string; readonly text: string },
): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = chart.width + 2 * margin;
  canvas.height = chart.height + (about.length + 1) * lineHeight + 2 * margin;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser cannot draw");
  pen.fillStyle = colours.ground;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(chart, margin, margin);
  pen.fillStyle = colours.text;
  pen.font = "15px sans-serif";
  about.forEach(([name, says], i) => {
    const y = margin + chart.height + (i + 1.5) * lineHeight;
    pen.fillText(`${name}: ${says}`, margin, y, chart.width);
  });
  return new Promise((done, fail) => {
    canvas.toBlob((blob) => {
      if (blob) done(blob);
      else fail(new Error("the picture could not be made"));
    }, "image/png");
  });
}
