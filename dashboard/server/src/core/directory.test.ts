import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { head } from "./core-view.test-support.ts";
import {
  createDirectory,
  sortKeys,
  type Directory,
  type Entry,
} from "./directory.ts";

function filled(): Directory {
  const directory = createDirectory();
  directory.put(head("C-1", { name: "恒远机电", score: 500, class: "D" }));
  directory.put(
    head("C-2", { name: "Northline", score: 0, summary: { limit: -1 } }),
  );
  directory.put(
    head("C-3", { name: "Alder", score: 700, summary: { exposure: 90_000 } }),
  );
  return directory;
}

const ids = (entries: readonly Entry[]): string[] =>
  entries.map((entry) => entry.id);

describe("the directory", () => {
  it("finds by part of id or name, in any case", () => {
    const all = { sort: "score", descending: false, limit: 10 } as const;
    expect(ids(filled().query({ ...all, q: "恒远" }))).toEqual(["C-1"]);
    expect(ids(filled().query({ ...all, q: "nORTH" }))).toEqual(["C-2"]);
    expect(ids(filled().query({ ...all, q: "c-3" }))).toEqual(["C-3"]);
  });

  it("finds by every word, and by how a name is typed", () => {
    const directory = createDirectory((name) =>
      name === "恒远机电" ? ["hengyuanjidian", "hyjd"] : [],
    );
    for (const name of ["恒远机电", "恒远机电"]) {
      directory.put(head("C-1", { name, class: "D" }));
    }
    directory.put(head("C-2", { name: "Hyjdal", class: "A" }));
    const found = (q: string): string[] =>
      ids(directory.query({ q, sort: "name", descending: false, limit: 10 }));
    expect(found("hyjd")).toEqual(["C-2", "C-1"]);
    expect(found("HengYuan c-1")).toEqual(["C-1"]);
    expect(found("hengyuan c-2")).toEqual([]);
    expect(directory.counts("hyjd")).toEqual({ A: 1, B: 0, C: 0, D: 1, E: 0 });
    directory.put(head("C-1", { name: "Renamed" }));
    expect(found("hengyuan")).toEqual([]);
  });

  it("puts what has no value last in either direction", () => {
    const by = (sort: "score" | "utilisation", descending: boolean): string[] =>
      ids(filled().query({ sort, descending, limit: 10 }));
    expect(by("score", false)).toEqual(["C-1", "C-3", "C-2"]);
    expect(by("score", true)).toEqual(["C-3", "C-1", "C-2"]);
    expect(by("utilisation", true)).toEqual(["C-3", "C-1", "C-2"]);
  });

  it("filters by class", () => {
    const found = filled().query({
      sort: "name",
      descending: false,
      classes: new Set(["D"]),
      limit: 10,
    });
    expect(ids(found)).toEqual(["C-1"]);
  });

  it("counts and forgets", () => {
    const directory = filled();
    directory.remove("C-2");
    expect(directory.size()).toBe(2);
    expect([...directory.ids()]).toEqual(["C-1", "C-3"]);
    expect([...directory.entries()]).toHaveLength(2);
  });

  it("pages give each customer once, in the order of one long page", () => {
    const customer = fc.record({
      id: fc.integer({ min: 0, max: 60 }).map((n) => `C-${String(n)}`),
      score: fc.constantFrom(0, 300, 500, 500, 700),
      exposure: fc.constantFrom(0, 100, 200),
      limit: fc.constantFrom(-1, 0, 100),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(customer, { selector: (item) => item.id }),
        fc.constantFrom(...sortKeys),
        fc.boolean(),
        fc.integer({ min: 1, max: 7 }),
        (customers, sort, descending, limit) => {
          const directory = createDirectory();
          for (const { id, score, exposure, limit: max } of customers) {
            directory.put(
              head(id, { score, summary: { exposure, limit: max } }),
            );
          }
          const query = { sort, descending };
          const whole = ids(directory.query({ ...query, limit: 1000 }));
          const paged: string[] = [];
          for (let after; ;) {
            const page = directory.query({ ...query, limit, after });
            const last = page.at(-1);
            if (!last) break;
            paged.push(...ids(page));
            after = directory.placeOf(last, sort);
          }
          expect(paged).toEqual(whole);
          expect(new Set(paged).size).toBe(customers.length);
        },
      ),
    );
  });
});
