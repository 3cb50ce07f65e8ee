// The bundles: extension (host), its dialect reader (a thread), agent (box), run view and dialect try-out (browser), and the example's trainer. `--watch` rebuilds on change.
import { build, context, type BuildOptions, type Plugin } from "esbuild";
import { existsSync } from "node:fs";
import { agentBundle } from "./scripts/agentBundle";

const watch = process.argv.includes("--watch");
const common: BuildOptions = {
  bundle: true,
  minify: !watch,
  sourcemap: watch ? "inline" : false,
  logLevel: "warning",
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
};

/** ssh2 is a file of its own: compiling it would take half of the extension's activation, and it is needed only to connect. */
const ssh2Apart: Plugin = {
  name: "ssh2-apart",
  setup: (build) => build.onResolve({ filter: /^ssh2$/ }, () => ({ path: "./ssh2.js", external: true })),
};

/**
 * yaml too is a file of its own: it is loaded when the first config is looked at, and until then each of its functions and classes is
 * one that knows where to find itself.
 */
const yamlApart: Plugin = {
  name: "yaml-apart",
  setup: (build) => {
    build.onResolve({ filter: /^yaml$/ }, () => ({ path: "yaml", namespace: "apart" }));
    build.onResolve({ filter: /^\.\/yaml\.js$/ }, () => ({ path: "./yaml.js", external: true }));
    build.onLoad({ filter: /^yaml$/, namespace: "apart" }, async () => {
      const names = Object.keys(await import("yaml")).filter((name) => /^[A-Za-z]+$/.test(name) && name !== "default");
      const later = `const real = () => require("./yaml.js");
const later = (name) => new Proxy(function () {}, {
  get: (_target, key) => Reflect.get(real()[name], key),
  apply: (_target, self, given) => Reflect.apply(real()[name], self, given),
  construct: (_target, given) => Reflect.construct(real()[name], given),
});`;
      return { contents: `${later}\n${names.map((name) => `export const ${name} = later("${name}");`).join("\n")}` };
    });
  },
};

const bundles: BuildOptions[] = [
  {
    ...common,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode"],
    plugins: [ssh2Apart, yamlApart],
  },
  {
    ...common,
    entryPoints: { yaml: "yaml" },
    outdir: "dist",
    platform: "node",
    format: "cjs",
    target: "node20",
  },
  {
    ...common,
    entryPoints: { ssh2: "ssh2" },
    outdir: "dist",
    platform: "node",
    format: "cjs",
    target: "node20",
    // cpu-features and ssh2's own .node file are optional speed-ups that a bundle cannot carry.
    external: ["cpu-features"],
    loader: { ".node": "empty" },
  },
  {
    ...common,
    entryPoints: ["src/dialects/reader.ts"],
    outfile: "dist/dialects.js",
    platform: "node",
    format: "cjs",
    target: "node20",
  },
  { ...agentBundle("dist/agent.js"), minify: !watch, sourcemap: common.sourcemap },
  {
    ...common,
    entryPoints: ["webviews/run/main.ts"],
    outfile: "dist/webviews/run.js",
    platform: "browser",
    format: "iife",
    target: "es2022",
    // The toolkit's React wrappers are never imported; this makes sure that they cannot come in by accident.
    external: ["react", "react-dom"],
  },
  {
    ...common,
    entryPoints: ["webviews/dialect/main.ts"],
    outfile: "dist/webviews/dialect.js",
    platform: "browser",
    format: "iife",
    target: "es2022",
  },
  {
    ...common,
    entryPoints: ["examples/login/src/train.ts"],
    outfile: "examples/login/dist/train.mjs",
    platform: "node",
    format: "esm",
    target: "node20",
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  },
];

async function main(): Promise<void> {
  const present = bundles.filter(
    (b) => !Array.isArray(b.entryPoints) || (b.entryPoints as string[]).every((entry) => existsSync(entry)),
  );
  if (!watch) {
    await Promise.all(present.map((options) => build(options)));
    return;
  }
  const contexts = await Promise.all(present.map((options) => context(options)));
  await Promise.all(contexts.map((c) => c.watch()));
  console.log("watching");
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
