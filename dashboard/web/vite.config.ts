import { createHash } from "node:crypto";
import vue from "@vitejs/plugin-vue";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import components from "unplugin-vue-components/vite";
import { defineConfig, type Plugin } from "vite";
import { en } from "./src/words/en.ts";
import { pickPhoneWords } from "./src/words/phone-words.ts";
import { zhCn } from "./src/words/zh-cn.ts";

const wordsModule = "virtual:phone-words";

/** The phone's words out of all: a small page does not carry the console's. */
function phoneWords(): Plugin {
  const resolved = `\0${wordsModule}`;
  return {
    name: "riskwall:phone-words",
    resolveId: (id) => (id === wordsModule ? resolved : null),
    load: (id) => {
      if (id !== resolved) return null;
      const words = { "zh-CN": pickPhoneWords(zhCn), en: pickPhoneWords(en) };
      return `export const phoneWords = ${JSON.stringify(words)};`;
    },
  };
}

const workerFile = "m-worker.js";
const alwaysKept = ["/m", "/m.webmanifest", "/m-icon.svg", "/m-icon-192.png"];

/** Tells the phone's service worker which files to keep, by their built names. */
function phoneShell(): Plugin {
  return {
    name: "riskwall:phone-shell",
    enforce: "post",
    applyToEnvironment: ({ name }) => name === "phone",
    generateBundle(_, bundle) {
      const built = Object.values(bundle).filter(
        ({ fileName }) => fileName !== workerFile && fileName !== "m.html",
      );
      const files = built.map(({ fileName }) => `/${fileName}`).sort();
      const version = createHash("sha256")
        .update(files.join("\n"))
        .digest("hex")
        .slice(0, 12);
      const worker = bundle[workerFile];
      if (worker?.type !== "chunk") this.error("there is no service worker");
      const shell = { version, files: [...alwaysKept, ...files] };
      worker.code = `self.shell=${JSON.stringify(shell)};\n${worker.code}`;
    },
  };
}

/**
 * Two builds into one folder: what the phone takes along is its own, made
 * without the console in sight.
 */
export default defineConfig({
  plugins: [
    vue(),
    components({ dts: false, resolvers: [ElementPlusResolver()] }),
    phoneWords(),
    phoneShell(),
  ],
  build: { target: "es2023", chunkSizeWarningLimit: 1200 },
  environments: {
    client: {},
    phone: {
      consumer: "client",
      define: {
        __VUE_OPTIONS_API__: "false",
        __VUE_I18N_LEGACY_API__: "false",
        __VUE_I18N_FULL_INSTALL__: "false",
        __INTLIFY_PROD_DEVTOOLS__: "false",
      },
      build: {
        outDir: "dist",
        emptyOutDir: false,
        // The first build copies what lies in `public`.
        copyPublicDir: false,
        rolldownOptions: {
          input: { phone: "m.html", worker: "src/phone/service-worker.ts" },
          output: {
            // A worker's scope is where its file lies: the root, to serve /m.
            entryFileNames: ({ name }) =>
              name === "worker" ? workerFile : "assets/[name]-[hash].js",
          },
        },
      },
    },
  },
  builder: {
    buildApp: async (builder) => {
      const { client, phone } = builder.environments;
      if (client) await builder.build(client);
      if (phone) await builder.build(phone);
    },
  },
});
