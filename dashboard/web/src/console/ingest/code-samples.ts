/** How an event is sent, in four languages. Pure: a text out of an event. */

export const languages = ["curl", "typescript", "python", "java"] as const;
export type Language = (typeof languages)[number];

export interface Sample {
  /** Address of the gateway, without path. */
  readonly gateway: string;
  readonly event: object;
}

const path = "/v1/events";

function indented(text: string, by: string): string {
  return text.replaceAll("\n", `\n${by}`);
}

function curl({ gateway, event }: Sample): string {
  // A quote inside single quotes ends them, stands escaped, and opens anew.
  const body = JSON.stringify(event, null, 2).replaceAll("'", "'\\''");
  return `curl -sS ${gateway}${path} \\
  -H "authorization: Bearer $RISKWALL_KEY" \\
  -H "content-type: application/json" \\
  -d '${body}'`;
}

function typescript({ gateway, event }: Sample): string {
  const body = indented(JSON.stringify(event, null, 2), "  ");
  return `const reply = await fetch("${gateway}${path}", {
  method: "POST",
  headers: {
    authorization: \`Bearer \${process.env.RISKWALL_KEY}\`,
    "content-type": "application/json",
  },
  body: JSON.stringify(${body}),
});
console.log(reply.status, await reply.json());`;
}

/** JSON as Python writes it: three words differ. */
function pythonOf(value: unknown, by: string): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = `${by}    `;
  const [open, close, parts] = Array.isArray(value)
    ? (["[", "]", value.map((item) => pythonOf(item, inner))] as const)
    : ([
        ...(["{", "}"] as const),
        Object.entries(value).map(
          ([name, item]) => `${JSON.stringify(name)}: ${pythonOf(item, inner)}`,
        ),
      ] as const);
  if (parts.length === 0) return `${open}${close}`;
  const lines = parts.map((part) => `${inner}${part},\n`).join("");
  return `${open}\n${lines}${by}${close}`;
}

function python({ gateway, event }: Sample): string {
  return `import json, os, urllib.request

event = ${pythonOf(event, "")}
request = urllib.request.Request(
    "${gateway}${path}",
    data=json.dumps(event).encode(),
    headers={
        "authorization": "Bearer " + os.environ["RISKWALL_KEY"],
        "content-type": "application/json",
    },
)
with urllib.request.urlopen(request) as reply:
    print(reply.status, json.load(reply))`;
}

function java({ gateway, event }: Sample): string {
  const body = indented(JSON.stringify(event, null, 2), "            ")
    .replaceAll("\\", "\\\\")
    .replaceAll('"""', '\\"\\"\\"');
  return `import java.net.URI;
import java.net.http.*;

public class SendEvent {
    public static void main(String[] args) throws Exception {
        String event = """
            ${body}
            """;
        HttpRequest request = HttpRequest.newBuilder(URI.create("${gateway}${path}"))
            .header("authorization", "Bearer " + System.getenv("RISKWALL_KEY"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(event))
            .build();
        HttpResponse<String> reply = HttpClient.newHttpClient()
            .send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(reply.statusCode() + " " + reply.body());
    }
}`;
}

const writers: Readonly<Record<Language, (sample: Sample) => string>> = {
  ...{ curl, typescript, python, java },
};

export function sampleOf(language: Language, sample: Sample): string {
  return writers[language](sample);
}
