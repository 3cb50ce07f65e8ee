// A workspace's file names as paths for this disk: text where they are text, bytes where they are not.
import path from "node:path";
import { bytesOfName } from "../../core/base/byteName";

export function diskPath(root: string, name: string): string | Buffer {
  if (!name.includes("\0")) return path.join(root, name);
  return Buffer.concat([Buffer.from(`${root}/`), bytesOfName(name) ?? Buffer.alloc(0)]);
}
