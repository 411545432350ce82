// Boundaries and the rules a stream service needs most (docs: CONTRIBUTING).
import js from "@eslint/js";
import vue from "eslint-plugin-vue";
import tseslint from "typescript-eslint";
import vueParser from "vue-eslint-parser";

const packages = {
  schemas: [
    "@riskwall/ingest",
    "@riskwall/processor",
    "@riskwall/notifier",
    "@riskwall/dashboard-server",
    "@riskwall/dashboard-web",
  ],
  services: ["**/deploy/**", "**/test/**"],
};

const coreRules = {
  "no-restricted-properties": [
    "error",
    ...[
      "random",
      "log",
      "log2",
      "log10",
      "log1p",
      "exp",
      "expm1",
      "pow",
      "sin",
      "cos",
      "tan",
      "cbrt",
      "hypot",
    ].map((property) => ({
      object: "Math",
      property,
      message:
        "its last bit differs between engines, or it is random: see exact-math.ts",
    })),
    {
      object: "Date",
      property: "now",
      message: "the core has no clock: pass `now`",
    },
  ],
  "no-restricted-syntax": [
    "error",
    {
      selector: "NewExpression[callee.name='Date'][arguments.length=0]",
      message: "the core has no clock: pass `now`",
    },
    { selector: "AwaitExpression", message: "the core never waits" },
    {
      selector: "BinaryExpression[operator='**'][left.type!='Literal']",
      message: "powers differ between engines",
    },
  ],
  "no-restricted-globals": [
    "error",
    "Intl",
    "process",
    "fetch",
    "setTimeout",
    "setInterval",
    "console",
  ],
  "no-restricted-imports": [
    "error",
    {
      patterns: [
        {
          group: [
            "node:*",
            "kafkajs",
            "ioredis",
            "@clickhouse/*",
            "fastify",
            "socket.io",
            "pino",
          ],
          message: "the core knows no I/O",
        },
        {
          group: ["../io/*", "../config*", "../main*", "../../io/*"],
          message: "the core knows no shell",
        },
      ],
    },
  ],
};

export default tseslint.config(
  {
    ignores: [
      "**/dist/**",
      "**/node_modules/**",
      "**/.riskwall/**",
      "bench/results/**",
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  ...vue.configs["flat/essential"],
  {
    files: ["**/*.ts", "**/*.vue"],
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            "*.config.ts",
            "vitest.config.ts",
            "dashboard/web/*.ts",
          ],
        },
        extraFileExtensions: [".vue"],
      },
    },
    rules: {
      "no-undef": "off",
      "@typescript-eslint/no-empty-object-type": [
        "error",
        { allowInterfaces: "always" },
      ],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      "no-empty": ["error", { allowEmptyCatch: false }],
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: packages.services,
              message: "nobody imports deploy or test",
            },
          ],
        },
      ],
    },
  },
  {
    files: [
      "{schemas,ingest,processor,notifier,deploy}/**/*.ts",
      "dashboard/server/**/*.ts",
    ],
    ignores: ["**/*.test.ts", "**/*.test-support.ts", "**/core/**"],
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": [
        "error",
        { checksVoidReturn: false },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ["**/*.vue"],
    languageOptions: {
      parser: vueParser,
      parserOptions: { parser: tseslint.parser },
    },
    rules: {
      "vue/multi-word-component-names": "off",
      // Text is bound as text: what comes from outside never becomes markup.
      "vue/no-v-html": "error",
      "vue/no-v-text-v-html-on-component": "error",
    },
  },
  {
    files: [
      "{processor,ingest,notifier}/src/core/**/*.ts",
      "dashboard/server/src/core/**/*.ts",
    ],
    ignores: ["**/*.test.ts", "**/*.test-support.ts"],
    rules: coreRules,
  },
  {
    files: ["ingest/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: [
                "@riskwall/processor*",
                "@riskwall/notifier*",
                "@riskwall/dashboard*",
                "**/processor/**",
                "**/notifier/**",
                "**/dashboard/**",
                "**/deploy/**",
              ],
              message: "services meet in topics, keys and tables",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["processor/**/*.ts"],
    ignores: ["processor/src/core/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: [
                "@riskwall/ingest*",
                "@riskwall/notifier*",
                "@riskwall/dashboard*",
                "**/ingest/**",
                "**/notifier/**",
                "**/dashboard/**",
                "**/deploy/**",
              ],
              message: "services meet in topics, keys and tables",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["notifier/**/*.ts"],
    ignores: ["notifier/src/core/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: [
                "@riskwall/ingest*",
                "@riskwall/processor*",
                "@riskwall/dashboard*",
                "**/ingest/**",
                "**/processor/**",
                "**/dashboard/**",
                "**/deploy/**",
              ],
              message: "services meet in topics, keys and tables",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["schemas/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: packages.schemas,
              message: "schemas imports nothing of ours",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["test/**/*.ts", "**/*.test.ts", "**/*.test-support.ts"],
    rules: {
      "no-restricted-imports": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["**/*.test.ts", "**/*.test-support.ts"],
    languageOptions: {
      parserOptions: { projectService: false, project: false },
    },
  },
);
