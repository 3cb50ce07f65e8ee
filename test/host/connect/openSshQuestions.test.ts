// What the user's ssh asks, in the words of several versions: a real ssh where this machine's asks so, else one that speaks
// recorded words and is the real one in all else.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findSsh } from "../../../src/connect/sshConfig";
import { writeEncryptedKey, type SshBox } from "../../support/sshBox";
import { boxWith, connectTo, failureOf, prompts, tempFolder } from "./connectKit";

const fingerprint = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";

/** Asks this one question instead of connecting, as ssh does for a host key, and leaves the answer in a file. */
async function sshThatAsks(question: string): Promise<{ program: string; answer: () => Promise<string> }> {
  const dir = await tempFolder();
  await writeFile(join(dir, "question"), question);
  const script = [
    "#!/bin/sh",
    `case " $* " in *" -G "*) exec '${findSsh() ?? ""}' "$@" ;; esac`,
    'log=; for one in "$@"; do [ "$last" = -E ] && log="$one"; last="$one"; done',
    `"$SSH_ASKPASS" "$(cat '${dir}/question')" > '${dir}/answer'`,
    'echo "Host key verification failed." >> "$log"',
    "exit 255",
    "",
  ];
  const program = join(dir, "ssh");
  await writeFile(program, script.join("\n"), { mode: 0o755 });
  return { program, answer: () => readFile(join(dir, "answer"), "utf8") };
}

const questionOf = (box: SshBox, opening: string): string =>
  [
    `The authenticity of host '[127.0.0.1]:${box.port} ([127.0.0.1]:${box.port})' can't be established${opening}`,
    "This key is not known by any other names.",
    "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
  ].join("\n");

describe.skipIf(findSsh() === null)("the user's ssh", () => {
  it.each([
    ["9.2", `.\nED25519 key fingerprint is ${fingerprint}.`],
    ["10.1", `.\nED25519 key fingerprint is: ${fingerprint}`],
  ])("asks about a host key in the words of OpenSSH %s", async (_version, opening) => {
    const box = await boxWith({ known: false });
    const { program, answer } = await sshThatAsks(questionOf(box, opening));
    const asked = prompts({ confirmHostKey: (question) => Promise.resolve(question.fingerprint === fingerprint) });
    const config = { configFile: box.configFile, sshProgram: program };
    await failureOf(connectTo(box, { transport: "openssh", prompts: asked, config }));
    expect(asked.log).toEqual([`host 127.0.0.1:${box.port} ssh-ed25519 SHA256:`]);
    expect(await answer()).toBe("yes\n");
  });

  it.each([
    ["9.2", `fingerprint is ${fingerprint}.`],
    ["10.1", `fingerprint is: ${fingerprint}`],
  ])("has found another key for the host, in the words of OpenSSH %s: refused as changed", async (_version, words) => {
    const box = await boxWith({ hostKeyTypes: ["rsa"] });
    const opening = `\nbut keys of different type are already known for this host.\nED25519 key ${words}`;
    const { program, answer } = await sshThatAsks(questionOf(box, opening));
    const asked = prompts({ confirmHostKey: () => Promise.resolve(true) });
    const config = { configFile: box.configFile, sshProgram: program };
    const error = await failureOf(connectTo(box, { transport: "openssh", prompts: asked, config }));
    expect(error.code).toBe("connect/host-key-changed");
    expect(error.message).toContain(`${box.knownHosts}:1`);
    expect(error.message).toContain(fingerprint);
    expect(error.message).toContain(`ssh-keygen -R '[127.0.0.1]:${box.port}' -f ${box.knownHosts}`);
    expect(asked.log).toEqual([]);
    expect(await answer()).not.toContain("yes");
  });

  it("asks for the passphrase of the key that it names, though another's path begins alike", async () => {
    const box = await boxWith();
    const long = join(box.dir, "a folder with a name that alone is nearly as long as ".padEnd(90, "x"));
    await mkdir(long);
    for (const dir of [box.dir, long]) {
      const [work, own] = [join(dir, "id_own_work"), join(dir, "id_own")];
      await writeEncryptedKey(work, "of work");
      box.trust(await writeEncryptedKey(own, "of mine"));
      const config = await readFile(box.configFile, "utf8");
      const lines = [work, own].map((path) => `  IdentityFile "${path}"\n`).join("");
      await writeFile(box.configFile, config.replace(/( *IdentityFile .*\n)+/, lines));
      const paths: string[] = [];
      const passphrase = (path: string): Promise<string> => (paths.push(path), Promise.resolve("of mine"));
      await connectTo(box, { transport: "openssh", prompts: prompts({ passphrase }) });
      // Of a long path ssh shows 100 bytes, which both keys share here.
      expect(paths).toEqual([own.slice(0, 100)]);
    }
  });
});
