// Who may import whom, as a table, and typed linting. Plain JavaScript because ESLint loads it before any build.
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import importX from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/** Per folder: what it must not import, with the sentence a person reads. One block each, because a later block replaces an earlier one. */
const fences = [
  { files: ["core/base/**"], forbid: ["model", "protocol", "rpc", "trace", "actions", "metrics", "recipes", "lenses"] },
  { files: ["core/model/**"], forbid: ["protocol", "rpc", "trace", "actions", "metrics", "recipes", "lenses"] },
  { files: ["core/protocol/**"], forbid: ["rpc", "trace", "actions", "metrics", "recipes", "lenses"] },
  { files: ["core/rpc/**"], forbid: ["trace", "actions", "metrics", "recipes", "lenses"] },
  { files: ["core/metrics/**"], forbid: ["protocol", "rpc", "trace", "actions", "recipes", "lenses"] },
  { files: ["core/trace/**"], forbid: ["protocol", "rpc", "actions", "recipes"] },
  { files: ["core/actions/**"], forbid: ["protocol", "rpc", "trace", "metrics", "recipes", "lenses"] },
  { files: ["core/lenses/**"], forbid: ["protocol", "rpc", "trace", "actions", "metrics", "recipes"] },
  { files: ["core/recipes/**"], forbid: ["protocol", "rpc", "trace", "actions"] },
  {
    files: ["core/secrets/**"],
    forbid: ["model", "protocol", "rpc", "trace", "actions", "metrics", "recipes", "lenses"],
  },
];

const outOfCore = {
  group: ["**/remote-agent/**", "**/src/**", "**/webviews/**", "node:*", "vscode", "ssh2"],
  message: "core/ is pure: it cannot do I/O and knows none of the processes.",
};

const restrict = (patterns, paths = []) => ({ "no-restricted-imports": ["error", { patterns, paths }] });
const fullZod = { name: "zod", message: 'Use `import * as z from "zod/mini"`: 19 KB in a bundle instead of 454 KB.' };
const noVscode = { name: "vscode", message: "Only src/ui and src/extension.ts know VS Code." };

export default tseslint.config(
  {
    ignores: [
      "dist/**",
      "examples/**/dist/**",
      "node_modules/**",
      "test-results/**",
      ".runside-dev/**",
      "test/fixtures/**",
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: ["./tsconfig.json"], tsconfigRootDir: import.meta.dirname } },
    plugins: { "import-x": importX },
    settings: { "import-x/resolver-next": [createTypeScriptImportResolver({ project: "./tsconfig.json" })] },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "import-x/no-cycle": "error",
      "import-x/no-default-export": "error",
      "max-lines": ["warn", { max: 300, skipBlankLines: true, skipComments: true }],
      eqeqeq: "error",
    },
  },
  ...fences.map(({ files, forbid }) => ({
    files,
    rules: restrict(
      [
        outOfCore,
        {
          group: forbid.map((f) => `**/${f}/**`),
          message: "Sideways or upwards in core/: see the import table in ARCHITECTURE.md.",
        },
      ],
      [fullZod],
    ),
  })),
  {
    files: ["remote-agent/**"],
    rules: restrict([
      {
        group: ["**/src/**", "**/webviews/**", "vscode", "ssh2"],
        message: "The agent may import core and node alone.",
      },
    ]),
  },
  {
    files: ["src/**"],
    ignores: ["src/ui/**", "src/extension.ts"],
    rules: restrict(
      [
        {
          group: ["**/remote-agent/**", "**/webviews/**", "**/ui/**"],
          message: "The host's services know neither agent, views nor VS Code.",
        },
      ],
      [noVscode],
    ),
  },
  {
    files: ["src/ui/**", "src/extension.ts"],
    rules: restrict([
      {
        group: ["**/remote-agent/**", "**/webviews/**"],
        message: "The host speaks to agent and views by protocol alone.",
      },
    ]),
  },
  {
    files: ["webviews/**"],
    ignores: ["webviews/elements/**"],
    rules: restrict([
      {
        group: ["**/remote-agent/**", "**/src/**", "**/trace/**", "**/actions/**", "**/recipes/**", "node:*", "vscode"],
        message: "Views know core's base, model, protocol, rpc and metrics.",
      },
    ]),
  },
  {
    files: ["webviews/elements/**"],
    rules: restrict([
      {
        group: ["**/remote-agent/**", "**/src/**", "**/trace/**", "**/actions/**", "**/recipes/**", "node:*", "vscode"],
        message: "Views know core's base, model, protocol, rpc and metrics.",
      },
      {
        group: ["**/hostLink", "**/rpc/**"],
        message: "Elements take properties and fire events; entries speak to the link.",
      },
    ]),
  },
  {
    files: ["**/*.mjs"],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { "import-x/no-default-export": "off" },
  },
  { files: ["vitest.config.ts", "test/faults/vitest.config.ts"], rules: { "import-x/no-default-export": "off" } },
  {
    files: ["test/**", "bench/**"],
    rules: { "max-lines": "off", "@typescript-eslint/unbound-method": "off" },
  },
);
