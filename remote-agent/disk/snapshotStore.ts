// Receives a workspace as one archive and unpacks it under its hash. Unpacked beside and renamed, so that a half-sent one never counts.
import { createReadStream, createWriteStream, existsSync, mkdirSync, type WriteStream } from "node:fs";
import { mkdir, rename, rm, symlink } from "node:fs/promises";
import { createHash } from "node:crypto";
import { dirname, join, normalize, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { messageOf, RunsideError } from "../../core/base/errors";
import { snapshotManifestText, type SnapshotEntry } from "../../core/recipes/snapshotManifest";
import { isInside, type Home } from "./home";

interface Upload {
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
    const upload = index === 0 ? this.begin(sha, token) : this.uploads.get(token);
    if (!upload || upload.next !== index) throw refused("its pieces came out of order; run the config again");
    upload.next++;
    upload.received += data.length;
    await new Promise<void>((done, fail) => upload.file.write(data, (error) => (error ? fail(error) : done())));
    if (last) await this.finish(sha, token, upload);
    return upload.received;
  }

  dispose(): void {
    for (const upload of this.uploads.values()) {
      upload.file.destroy();
      void rm(upload.path, { force: true });
    }
    this.uploads.clear();
  }

  private begin(sha: string, token: string): Upload {
    const path = join(this.home.snapshots, `.${sha.slice(0, 12)}.${token}.tar.gz`);
    const upload = { file: createWriteStream(path, { mode: 0o600 }), path, next: 0, received: 0 };
    this.uploads.set(token, upload);
    return upload;
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
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const tar = extract();
  const done = pipeline(createReadStream(archive), createGunzip(), tar);
  for await (const entry of tar) {
    const { name, type, linkname, mode } = entry.header;
    const path = resolve(folder, normalize(name));
    if (!isInside(path, folder)) throw refused(`it names a path outside itself (${name})`);
    if (type === "directory") await mkdir(path, { recursive: true });
    else if (type === "symlink" && linkname) {
      if (!isInside(resolve(dirname(path), linkname), folder)) throw refused(`the link ${name} leads outside`);
      await mkdir(dirname(path), { recursive: true });
      await symlink(linkname, path);
      entries.push({ path: name, mode: "link", sha256: sha256(linkname) });
    } else if (type === "file") {
      await mkdir(dirname(path), { recursive: true });
      const executable = ((mode ?? 0o644) & 0o111) !== 0;
      const hash = createHash("sha256");
      entry.on("data", (bytes) => hash.update(bytes as Buffer));
      await pipeline(entry, createWriteStream(path, { mode: executable ? 0o755 : 0o644 }));
      entries.push({ path: name, mode: executable ? "executable" : "file", sha256: hash.digest("hex") });
    }
    entry.resume();
  }
  await done;
  return entries;
}
