// Receives a workspace as one archive and unpacks it under its hash. Unpacked beside and renamed, so that a half-sent one never counts.
import { createReadStream, createWriteStream, existsSync, mkdirSync, rmSync, type WriteStream } from "node:fs";
import { mkdir, readdir, realpath, rename, rm, stat, symlink } from "node:fs/promises";
import { createHash } from "node:crypto";
import { dirname, join, normalize, relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { messageOf, RunsideError } from "../../core/base/errors";
import { snapshotManifestText, type SnapshotEntry } from "../../core/recipes/snapshotManifest";
import { isInside, type Home } from "./home";

/** An upload that was given up, or whose agent was killed, is cleared away after this long without a new piece. */
const ABANDONED_MS = 60 * 60 * 1000;

interface Upload {
  sha: string;
  file: WriteStream;
  path: string;
  next: number;
  received: number;
}

const refused = (why: string): RunsideError =>
  new RunsideError("agent/upload-failed", `The workspace was not unpacked: ${why}.`);

export class SnapshotStore {
  private readonly uploads = new Map<string, Upload>();

  constructor(private readonly home: Home) {}

  has(sha: string): boolean {
    return existsSync(this.home.snapshot(sha));
  }

  async put(sha: string, token: string, index: number, data: Buffer, last: boolean): Promise<number> {
    this.home.ensure();
    const upload = index === 0 ? await this.begin(sha, token) : this.uploads.get(token);
    if (upload?.sha !== sha || upload.next !== index) {
      await this.drop(token);
      throw refused("its pieces came out of order; run the config again");
    }
    upload.next++;
    upload.received += data.length;
    try {
      await new Promise<void>((done, fail) => upload.file.write(data, (error) => (error ? fail(error) : done())));
    } catch (error) {
      await this.drop(token);
      throw refused(`its archive could not be written (${messageOf(error)})`);
    }
    if (last) await this.finish(sha, token, upload);
    return upload.received;
  }

  dispose(): void {
    for (const { file, path } of this.uploads.values()) {
      file.destroy();
      rmSync(path, { force: true });
    }
    this.uploads.clear();
  }

  private async begin(sha: string, token: string): Promise<Upload> {
    await this.drop(token);
    await this.sweep();
    const path = join(this.home.snapshots, `.${sha.slice(0, 12)}.${token}.tar.gz`);
    const file = createWriteStream(path, { mode: 0o600 });
    // A write tells of its own failure; without a listener the stream would end the whole agent.
    file.on("error", () => undefined);
    const upload = { sha, file, path, next: 0, received: 0 };
    this.uploads.set(token, upload);
    return upload;
  }

  private async drop(token: string): Promise<void> {
    const upload = this.uploads.get(token);
    if (!upload) return;
    this.uploads.delete(token);
    upload.file.destroy();
    await rm(upload.path, { force: true });
  }

  /** Half-sent archives and half-unpacked folders, whoever left them. */
  private async sweep(): Promise<void> {
    for (const name of await readdir(this.home.snapshots)) {
      const path = join(this.home.snapshots, name);
      const seen = name.startsWith(".") ? await stat(path).catch(() => null) : null;
      if (seen && Date.now() - seen.mtimeMs > ABANDONED_MS) await rm(path, { recursive: true, force: true });
    }
  }

  private async finish(sha: string, token: string, upload: Upload): Promise<void> {
    this.uploads.delete(token);
    await new Promise<void>((done) => upload.file.end(() => done()));
    const beside = join(this.home.snapshots, `.${sha.slice(0, 12)}.${token}`);
    try {
      const entries = await unpack(upload.path, beside);
      // Its name is the hash of what is in it: anything else is not what was sent.
      if (sha256(snapshotManifestText(entries)) !== sha)
        throw refused("what arrived is not what was sent; run the config again");
      await rename(beside, this.home.snapshot(sha)).catch((error: unknown) => {
        // Another window sent the same files at the same time: theirs is as good.
        if (!this.has(sha)) throw error;
      });
    } catch (error) {
      throw error instanceof RunsideError ? error : refused(messageOf(error));
    } finally {
      await rm(upload.path, { force: true });
      await rm(beside, { recursive: true, force: true });
    }
  }
}

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

async function unpack(archive: string, folder: string): Promise<SnapshotEntry[]> {
  const entries: SnapshotEntry[] = [];
  const links = new Set<string>();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const tar = extract();
  const done = pipeline(createReadStream(archive), createGunzip(), tar);
  // The loop below throws what went wrong; this promise may be left behind then.
  done.catch(() => undefined);
  for await (const entry of tar) {
    const { name, type, linkname, mode } = entry.header;
    const path = resolve(folder, normalize(name));
    if (!isInside(path, folder)) throw refused(`it names a path outside itself (${name})`);
    if (throughLink(path, folder, links)) throw refused(`${name} would be written through a link`);
    if (type === "directory") await mkdir(path, { recursive: true });
    else if (type === "symlink" && linkname) {
      if (!isInside(resolve(dirname(path), linkname), folder)) throw refused(`the link ${name} leads outside`);
      await mkdir(dirname(path), { recursive: true });
      await symlink(linkname, path);
      links.add(path);
      entries.push({ path: name, mode: "link", sha256: sha256(linkname) });
    } else if (type === "file") {
      await mkdir(dirname(path), { recursive: true });
      const executable = ((mode ?? 0o644) & 0o111) !== 0;
      const hash = createHash("sha256");
      entry.on("data", (bytes) => hash.update(bytes as Buffer));
      await pipeline(entry, createWriteStream(path, { mode: executable ? 0o755 : 0o644, flags: "wx" }));
      entries.push({ path: name, mode: executable ? "executable" : "file", sha256: hash.digest("hex") });
    }
    entry.resume();
  }
  await done;
  const real = await realpath(folder);
  for (const link of links) {
    // One link behind another may lead where neither does by itself.
    const end = await realpath(link).catch(() => real);
    if (!isInside(end, real)) throw refused(`the link ${relative(folder, link)} leads outside`);
  }
  return entries;
}

/** What was unpacked before is all that can be there, so its own links are all that can lead elsewhere. */
function throughLink(path: string, folder: string, links: ReadonlySet<string>): boolean {
  for (let at = path; at !== folder && at !== dirname(at); at = dirname(at)) if (links.has(at)) return true;
  return false;
}
