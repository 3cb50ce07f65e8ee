// How the agent is bundled, for the product and for tests: one file, and inside it, as text, the supervisor's program. That one
// lives beside a training for days and loads a twentieth of the agent's code, so it is a bundle of its own.
import { build, type BuildOptions, type Plugin } from "esbuild";
import { join } from "node:path";
import { projectRoot } from "./folders";

const forNode = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  loader: { ".sh": "text" },
  legalComments: "none",
  logLevel: "warning",
  define: { "process.env.NODE_ENV": '"production"' },
} as const satisfies BuildOptions;

/** `import program from "./x.ts?bundled"`: the text of a bundle that begins at x.ts. */
const bundledAsText: Plugin = {
  name: "bundled-as-text",
  setup: (outer) => {
    outer.onResolve({ filter: /\?bundled$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace(/\?bundled$/, "")),
      namespace: "bundled",
    }));
    outer.onLoad({ filter: /.*/, namespace: "bundled" }, async ({ path }) => {
      // Minified always: it is text, which nobody steps through.
      const inner = await build({ ...forNode, entryPoints: [path], minify: true, write: false, metafile: true });
      return {
        contents: inner.outputFiles[0]?.text ?? "",
        loader: "text",
        watchFiles: Object.keys(inner.metafile.inputs).map((input) => join(process.cwd(), input)),
      };
    });
  },
};

export const agentBundle = (outfile: string): BuildOptions => ({
  ...forNode,
  entryPoints: [join(projectRoot, "remote-agent/main.ts")],
  outfile,
  minify: true,
  plugins: [bundledAsText],
});

/** The supervisor alone, as the agent carries it. */
export const supervisorBundle = (outfile: string): BuildOptions => ({
  ...forNode,
  entryPoints: [join(projectRoot, "remote-agent/supervise/main.ts")],
  outfile,
  minify: true,
});
