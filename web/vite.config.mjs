// Builds build/web/report.js, the one script of the report: no module loading, no eval, nothing fetched.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { atlas } from "./atlas.mjs";

const web = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

// `virtual:atlas` is Natural Earth's small map and a point for every country, also for those too small to be drawn on it.
const atlasModule = {
  name: "atlas",
  resolveId: (id) => (id === "virtual:atlas" ? "\0atlas" : undefined),
  load: (id) => {
    if (id !== "\0atlas") return undefined;
    const read = (name) => JSON.parse(readFileSync(require.resolve(`world-atlas/${name}`), "utf8"));
    return `export default ${JSON.stringify(atlas(read("countries-110m.json"), read("countries-50m.json")))}`;
  },
};

export default defineConfig({
  root: web,
  publicDir: false,
  logLevel: "warn",
  plugins: [atlasModule],
  define: { "process.env.NODE_ENV": '"production"' },
  esbuild: { charset: "ascii", legalComments: "inline" },
  build: {
    outDir: join(web, "../build/web"),
    emptyOutDir: true,
    target: "es2020",
    lib: { entry: join(web, "src/main.js"), formats: ["iife"], name: "tattleReport", fileName: () => "report.js" },
    reportCompressedSize: false,
  },
});
