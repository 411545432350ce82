import { createServer } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { recordFiles } from "./index.ts";
import { createCodec } from "./codec.ts";

interface Registry {
  readonly url: string;
  readonly registered: () => readonly string[];
}

/** A registry that answers a subject's compatibility as it is told to. */
async function registry(
  config: (subject: string, asked: number) => readonly [number, object],
): Promise<Registry> {
  const asked = new Map<string, number>();
  const registered: string[] = [];
  const server = createServer((request, reply) => {
    const [, what, subject = ""] = (request.url ?? "").split("/");
    const answer = (status: number, body: object): void => {
      reply.writeHead(status, { "content-type": "application/json" });
      reply.end(JSON.stringify(body));
    };
    if (what === "config" && request.method === "GET") {
      const times = (asked.get(subject) ?? 0) + 1;
      asked.set(subject, times);
      answer(...config(subject, times));
    } else if (what === "config") answer(200, {});
    else {
      registered.push(subject);
      answer(200, { id: registered.length });
    }
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    registered: () => registered,
  };
}

const wanted = { compatibilityLevel: "BACKWARD_TRANSITIVE" };

describe("registering beside another process", () => {
  test("a subject that has no compatibility yet is asked for again", async () => {
    const { url, registered } = await registry((subject, asked) =>
      subject === "riskwall.Alert" && asked === 1
        ? [200, { compatibilityLevel: "NONE" }]
        : [200, wanted],
    );
    await createCodec(url);
    expect(registered()).toHaveLength(Object.keys(recordFiles).length);
  });

  test("a rule that another process made meanwhile is taken", async () => {
    const { url } = await registry((subject, asked) =>
      subject === "riskwall.Decision" && asked === 1
        ? [409, { message: "A rule named 'COMPATIBILITY' already exists." }]
        : [200, wanted],
    );
    await expect(createCodec(url)).resolves.toBeDefined();
  });

  test("a compatibility that stays another one is refused", async () => {
    const { url, registered } = await registry((subject) =>
      subject === "riskwall.Alert"
        ? [200, { compatibilityLevel: "NONE" }]
        : [200, wanted],
    );
    await expect(createCodec(url)).rejects.toThrow(/does not match/);
    expect(registered()).not.toContain("riskwall.Alert");
  });
});

test("a registry that takes requests and says nothing is given up", async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const url = `http://127.0.0.1:${String(port)}`;
  await expect(createCodec(url, 20)).rejects.toThrow(/Timeout/);
});
