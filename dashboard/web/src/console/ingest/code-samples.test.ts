import { execFileSync } from "node:child_process";
import { stripTypeScriptTypes } from "node:module";
import { expect, it } from "vitest";
import { languages, sampleOf } from "./code-samples.ts";

const event = {
  ...{ id: "a-1", ok: true, none: null, list: [1, "x"], empty: {} },
  text: 'it\'s "three" 电机 \\ back',
};
const gateway = "http://127.0.0.1:4100";

it.each(languages)("%s names door, key and event", (language) => {
  const text = sampleOf(language, { gateway, event });
  expect(text).toContain(`${gateway}/v1/events`);
  expect(text).toContain("RISKWALL_KEY");
  expect(text).toContain("电机");
});

it("the shell reads curl's body as the event, quotes and all", () => {
  const text = sampleOf("curl", { gateway, event });
  const script = `curl() { while [ "$1" != -d ]; do shift; done; printf %s "$2"; }\n${text}`;
  const body = execFileSync("bash", ["-c", script], { encoding: "utf8" });
  expect(JSON.parse(body)).toEqual(event);
});

it("Python reads its literal as the event", () => {
  const text = sampleOf("python", { gateway, event });
  const end = text.indexOf("request = ");
  const script = `${text.slice(0, end)}\nprint(json.dumps(event))`;
  const body = execFileSync("python3", ["-c", script], { encoding: "utf8" });
  expect(JSON.parse(body)).toEqual(event);
});

it("TypeScript is TypeScript, and sends the event", () => {
  const text = sampleOf("typescript", { gateway, event });
  expect(stripTypeScriptTypes(text)).toContain("JSON.stringify({");
});

it("Java's text block keeps what is escaped", () => {
  const text = sampleOf("java", { gateway, event });
  const block = /"""\n([\s\S]*?)\n\s*"""/.exec(text)?.[1] ?? "";
  // As a Java compiler reads it: escapes resolved.
  const read = block.replaceAll("\\\\", "\\");
  expect(JSON.parse(read)).toEqual(event);
});
