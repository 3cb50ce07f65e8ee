// A log that arrives while it is written, as a view holds it, through the built agent and the window's mask: in whatever pieces a
// known secret comes, it is never shown whole, and the text is the file's.
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { files } from "../../../core/protocol/files";
import type { Peer } from "../../../core/rpc/peer";
import { stars } from "../../../core/base/stars";
import { maskOf, shortestSecret } from "../../../core/secrets/mask";
import { askAfter, fromPage, withLater, type LogLines } from "../../../webviews/shared/logBuffer";
import { startAgent } from "../../support/agentProcess";
import { attemptFolder, inState, node, specOf, started } from "../../support/runsOfAgent";
import { tempFolder } from "../../support/tempFolder";

interface World {
  peer: Peer;
  log: string;
  /** What the view holds after it has looked once more. */
  look: (held: LogLines | null, maxBytes?: number) => Promise<LogLines>;
}

async function world(): Promise<World> {
  const home = tempFolder("home");
  const { peer } = await startAgent(home);
  const { id } = await started(peer, home, specOf(tempFolder("place"), [node("")]));
  await inState(home, id, "succeeded");
  const log = join(attemptFolder(home, id), "output.log");
  const look: World["look"] = async (held, maxBytes = 128 * 1024) => {
    // What is asked for again comes on top.
    const again = held ? held.openAt - askAfter(held) : 0;
    const range = held ? { after: askAfter(held), maxBytes: maxBytes + again } : { maxBytes };
    const page = await peer.request(files.log, { target: id, ...range });
    const next = held ? withLater(held, page) : fromPage(page);
    return next === "restarted" ? fromPage(page) : next;
  };
  return { peer, log, look };
}

function knows(peer: Peer, secret: string): void {
  const mask = maskOf([secret]);
  peer.arriving = { text: (text) => mask.text(text), value: (value) => mask.value(value) };
}

const secretOf = (length: number): string => "hunter2-K3y9Qz-w8Xv5Tb-p4Lm7Rd-s6".slice(0, length);
const shown = ({ lines }: LogLines): string => lines.join("\n");

describe("a secret in a growing log", () => {
  it.each(["", "step 1/9\rstep 2/9\r"])("is not shown whole, wherever it is cut (after %j)", async (bar) => {
    const { peer, log, look } = await world();
    for (let length = shortestSecret; length <= 33; length += length < 17 ? 1 : 8) {
      const secret = secretOf(length);
      knows(peer, secret);
      const before = `first line\n${bar}password is `;
      for (let cut = 0; cut <= length; cut++) {
        writeFileSync(log, before + secret.slice(0, cut));
        let held = await look(null);
        appendFileSync(log, `${secret.slice(cut)} and more`);
        held = await look(held);
        const where = `${length} characters, cut at ${cut}`;
        expect(shown(held), where).toBe(`${before}${stars} and more`);
        appendFileSync(log, "\nlast line\n");
        held = await look(held);
        expect(shown(held), where).toBe(`${before}${stars} and more\nlast line`);
      }
    }
  });

  it("is not shown whole where it comes byte by byte, or where a view takes small pieces", async () => {
    const { peer, log, look } = await world();
    const secret = secretOf(12);
    knows(peer, secret);
    const text = `one ${"pear ".repeat(20)}\nlogin ${secret}\r\nbar 1\rbar ${secret} 2\rbar 3\n${secret}\nend\n`;
    writeFileSync(log, "");
    let held = await look(null);
    for (const letter of text) {
      appendFileSync(log, letter);
      held = await look(held);
      expect(shown(held)).not.toContain(secret);
    }
    expect(shown(held)).toBe(text.replaceAll(secret, stars).trimEnd());
    let pieces = { ...(await look(null)), lines: [], end: 0, openAt: 0, open: false } as LogLines;
    while (pieces.end < text.length) {
      pieces = await look(pieces, 40);
      expect(shown(pieces)).not.toContain(secret);
    }
    expect(shown(pieces)).toBe(shown(held));
  });

  it("costs no line of the log that has no end: it comes once, and grows", async () => {
    const { log, look } = await world();
    const piece = "0123456789".repeat(1000);
    writeFileSync(log, "begin\n");
    let held = await look(null);
    for (let n = 1; n <= 8; n++) {
      appendFileSync(log, piece);
      held = await look(held);
      expect(shown(held) === `begin\n${piece.repeat(n)}`, String(n)).toBe(true);
    }
    expect(held.openAt).toBe(held.end);
    appendFileSync(log, "\nend\n");
    held = await look(held);
    expect(shown(held) === `begin\n${piece.repeat(8)}\nend`).toBe(true);
  });
});
