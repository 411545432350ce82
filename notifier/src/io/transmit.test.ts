/** By real sockets: a mail server and an HTTP server of the test. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { describe, expect, it, onTestFinished } from "vitest";
import type { HttpSending, MailSending } from "../channels/channel.ts";
import { transmit } from "./transmit.ts";

interface MailServer {
  readonly port: number;
  readonly mails: string[];
}

async function startMailServer(refuse?: number): Promise<MailServer> {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onAuth: ({ username, password }, _, done) => {
      if (username === "u" && password === "right") done(null, { user: "u" });
      else done(new Error("Invalid username or password"));
    },
    onRcptTo: (_address, _session, done) => {
      if (refuse === undefined) done();
      else done(Object.assign(new Error("no"), { responseCode: refuse }));
    },
    onData: (stream, _, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.close();
  });
  return { port: (server.server.address() as AddressInfo).port, mails };
}

const mailTo = (port: number, user = "", password = ""): MailSending => ({
  kind: "mail",
  server: { host: "127.0.0.1", port, secure: false, user, password },
  from: "riskwall@example.com",
  to: ["ops@example.com", "team@example.com"],
  subject: "[严重] 恒远机电",
  text: "在险金额：600000.00 CNY",
  html: "<p>恒远机电</p>",
  messageId: "<msg_1@example.com>",
  inReplyTo: "<thread@example.com>",
  headers: { "Auto-Submitted": "auto-generated" },
});

describe("a mail", () => {
  it("arrives with its ids, its thread and both forms", async () => {
    const { port, mails } = await startMailServer();
    const sent = await transmit(mailTo(port, "u", "right"), true);
    expect(sent).toMatchObject({ kind: "reply", reply: { status: 250 } });
    expect(mails).toHaveLength(1);
    expect(mails[0]).toContain("Message-ID: <msg_1@example.com>");
    expect(mails[0]).toContain("In-Reply-To: <thread@example.com>");
    expect(mails[0]).toContain("Auto-Submitted: auto-generated");
    expect(mails[0]).toMatch(/multipart\/alternative/);
  });

  it.each([
    [450, 450],
    [550, 550],
  ])("refused with %s carries that code", async (code, status) => {
    const { port, mails } = await startMailServer(code);
    const sent = await transmit(mailTo(port), true);
    expect(sent).toMatchObject({ kind: "reply", reply: { status } });
    expect(mails).toHaveLength(0);
  });

  it("with a wrong password is refused as 535", async () => {
    const { port } = await startMailServer();
    const sent = await transmit(mailTo(port, "u", "wrong"), true);
    expect(sent).toMatchObject({ kind: "reply", reply: { status: 535 } });
  });

  it("to nobody is a failure", async () => {
    const sent = await transmit(mailTo(1), true);
    expect(sent.kind).toBe("failed");
  });
});

describe("a request", () => {
  const startServer = async (): Promise<string> => {
    const server = createServer((request, reply) => {
      if (request.url === "/moved") {
        reply.writeHead(302, { location: "/ok" }).end();
      } else if (request.url === "/endless") {
        reply.writeHead(200);
        const timer = setInterval(() => reply.write("x".repeat(65_536)), 1);
        reply.once("close", () => {
          clearInterval(timer);
        });
      } else {
        reply.writeHead(429, { "retry-after": "7" }).end('{"errcode":1}');
      }
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    onTestFinished(() => {
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    return `http://127.0.0.1:${String(port)}`;
  };
  const post = (url: string): HttpSending => ({
    ...{ kind: "http", method: "POST", url, headers: {}, body: "{}" },
  });

  it("answers status, pause and body", async () => {
    const base = await startServer();
    expect(await transmit(post(`${base}/ok`), true)).toEqual({
      kind: "reply",
      reply: {
        status: 429,
        headers: { "retry-after": "7" },
        body: '{"errcode":1}',
      },
    });
  });

  it("never follows a redirect", async () => {
    const base = await startServer();
    const sent = await transmit(post(`${base}/moved`), true);
    expect(sent).toMatchObject({ kind: "reply", reply: { status: 302 } });
  });

  it("reads an endless answer to its bound only", async () => {
    const base = await startServer();
    const sent = await transmit(post(`${base}/endless`), true);
    if (sent.kind === "reply") {
      expect(sent.reply.body.length).toBeLessThanOrEqual(65_536);
    } else expect(sent.kind).toBe("failed");
  });

  it("is not made to an address inside the house unless meant", async () => {
    const base = await startServer();
    const sent = await transmit(post(`${base}/ok`), false);
    expect(sent.kind).toBe("refused");
  });
});
