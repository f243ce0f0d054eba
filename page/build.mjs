// Bundles the page into the folder that is given: files named by their content, and a packed copy of each.
// usage: node build.mjs FOLDER
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2];
if (!folder) throw new Error("usage: node build.mjs FOLDER");

const { outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: { workbench: "src/main.ts" },
  outdir: "out",
  bundle: true,
  charset: "utf8",
  format: "esm",
  legalComments: "linked",
  loader: { ".css": "css" },
  minify: true,
  target: "es2022",
  write: false,
});

/** Returns the licences of the packages that are in the bundle: a text of its own beside it. */
function licences() {
  const { packages } = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));
  const parts = Object.entries(packages)
    .filter(([path, one]) => path && !one.dev && !one.optional)
    .map(([path, one]) => {
      const name = path.replace("node_modules/", "");
      return `${name} ${one.version}\n\n${readFileSync(join(here, path, "LICENSE"), "utf8").trim()}\n`;
    });
  return `What the page of the workbench is made with, and its licences.\n\n${parts.join("\n----\n\n")}`;
}

function hashed(name, bytes) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const kind = extname(name);
  return `${basename(name, kind)}-${hash}${kind}`;
}

const written = [
  ...outputFiles.filter((file) => /\.(js|css)$/.test(file.path)).map((file) => [basename(file.path), file.contents]),
  ["licences.txt", Buffer.from(licences())],
];
rmSync(folder, { force: true, recursive: true });
mkdirSync(folder, { recursive: true });
let page = readFileSync(join(here, "index.html"), "utf8");
for (const [name, bytes] of written) {
  // What esbuild says of a file of licences beside it, which has another name here.
  const text = Buffer.from(bytes).toString("utf8").replace(/\/\*! For license information.*?\*\/\s*/s, "");
  const packed = gzipSync(text, { level: 9 });
  packed[9] = 255; // the system that packed it: none in particular, so that all write the same bytes
  const file = hashed(name, text);
  writeFileSync(join(folder, file), text);
  writeFileSync(join(folder, `${file}.gz`), packed);
  page = page.replaceAll(`{{${name}}}`, file);
  console.log(`${file}: ${text.length.toLocaleString("en")} bytes, ${packed.length.toLocaleString("en")} compressed`);
}
// Last: where it is, all is there.
writeFileSync(join(folder, "index.html"), page);
