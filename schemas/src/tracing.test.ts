import { expect, test } from "vitest";
import { headerText, openTracing, parseTraceparent } from "./tracing.ts";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const span = "00f067aa0ba902b7";

test.each([
  [`00-${trace}-${span}-01`, true],
  [`00-${trace}-${span}-00`, false],
  [`cc-${trace}-${span}-03-later`, true],
])("%s is sampled: %s", (text, sampled) => {
  expect(parseTraceparent(text)).toEqual({
    ...{ traceId: trace, spanId: span, sampled },
  });
});

test.each([
  undefined,
  "",
  `ff-${trace}-${span}-01`,
  `00-${"0".repeat(32)}-${span}-01`,
  `00-${trace}-${"0".repeat(16)}-01`,
  `00-${trace.toUpperCase()}-${span}-01`,
])("%s is none", (text) => {
  expect(parseTraceparent(text)).toBeNull();
});

test("a header is text or bytes", () => {
  expect(headerText("a")).toBe("a");
  expect(headerText(Buffer.from("b"))).toBe("b");
  expect(headerText(["a", "b"])).toBeUndefined();
});

test("without a collector there is no tracing", async () => {
  expect(await openTracing("test", null)).toBeNull();
});

test("a span goes on with its parent's trace, and only where it is sampled", async () => {
  const tracing = await openTracing("test", "http://127.0.0.1:1/v1/traces");
  if (tracing === null) throw new Error("it is on");
  expect(tracing.start("a", undefined)).toBeNull();
  expect(tracing.start("a", `00-${trace}-${span}-00`)).toBeNull();
  const started = tracing.start("a", `00-${trace}-${span}-01`);
  const own = parseTraceparent(started?.traceparent);
  expect(own).toMatchObject({ traceId: trace, sampled: true });
  expect(own?.spanId).not.toBe(span);
  expect(tracing.current()).toBeUndefined();
  if (started === null) throw new Error("it is sampled");
  await tracing.within(started, async () => {
    await Promise.resolve();
    expect(tracing.current()).toBe(started.traceparent);
  });
});
