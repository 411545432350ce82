import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { Problem } from "../problem.ts";
import { createNotifierCall } from "./notifier-call.ts";
import { connectNotifier } from "./notifier.ts";

/** A notifier that answers this, and notes what it was shown. */
async function answering(status: number, body: string) {
  const shown: (string | undefined)[] = [];
  const server = createServer((request, reply) => {
    shown.push(request.headers.authorization);
    reply.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const url = `http://127.0.0.1:${String(port)}`;
  return {
    notifier: connectNotifier(createNotifierCall(url, "s3cret")),
    shown,
  };
}

const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (error instanceof Problem) return error;
  throw new Error("no problem", { cause: error });
};

it("shows the secret and hands the answer on", async () => {
  const { notifier, shown } = await answering(200, '{"items":[1]}');
  expect(await notifier.get("/v1/x")).toEqual({ items: [1] });
  expect(await notifier.post("/v1/x", {})).toEqual({ items: [1] });
  expect(shown).toEqual(["Bearer s3cret", "Bearer s3cret"]);
});

it.each([
  [422, { code: "ends_before_start", title: "t", path: "endsAt" }, 422],
  [404, { code: "silence_unknown", title: "t" }, 404],
  [401, { code: "unauthorized", title: "t" }, 503],
  [500, { code: "internal", title: "t" }, 503],
  [400, { odd: true }, 503],
])("%i %j is %i here", async (status, body, told) => {
  const { notifier } = await answering(status, JSON.stringify(body));
  const { status: got, code, extra } = await problemOf(notifier.get("/v1/x"));
  expect(got).toBe(told);
  const wanted = "code" in body ? body.code : "";
  expect(code).toBe(told === 503 ? "notifier_unavailable" : wanted);
  expect(extra["path"]).toBe(told === 422 ? "endsAt" : undefined);
});

it("what is no JSON, and deliveries of no shape, are a part away", async () => {
  const odd = await answering(200, "<html>");
  expect((await problemOf(odd.notifier.get("/v1/x"))).status).toBe(503);
  const bare = await answering(200, "{}");
  const { code } = await problemOf(bare.notifier.deliveries("a"));
  expect(code).toBe("notifier_unavailable");
});
