/** A push service as browsers' makers run one, and a browser registered at it. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createPushBrowser,
  type PushBrowser,
} from "../../notifier/src/channels/open-push.test-support.ts";

export interface PushService {
  readonly browser: PushBrowser;
  /** As `PushSubscription.toJSON()` has it. */
  readonly subscription: {
    readonly endpoint: string;
    readonly keys: PushBrowser["keys"];
  };
  /** Texts that came, decrypted as the browser does. */
  readonly received: string[];
  readonly close: () => Promise<void>;
}

export async function startPushService(): Promise<PushService> {
  const browser = createPushBrowser(randomBytes(16).toString("base64url"));
  const received: string[] = [];
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const isSigned = request.headers.authorization?.startsWith("vapid t=");
      if (isSigned) received.push(browser.open(Buffer.concat(chunks)));
      reply.writeHead(isSigned ? 201 : 403).end();
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  // A listening server has an address.
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${String(port)}/push/one`;
  return {
    ...{ browser, received },
    subscription: { endpoint, keys: browser.keys },
    close: async () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      }),
  };
}
