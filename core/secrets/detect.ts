// Text that looks like a secret: for the warning in a config, and for what is blanked in a report. Known formats only, because
// a warning on every long word would soon be read by nobody.

export interface SecretLike {
  /** All from 0. */
  line: number;
  column: number;
  endColumn: number;
  /** What it looks like: `Hugging Face token`. */
  what: string;
}

/** The secret itself is the last group where there is one, else the whole match. */
const looks: readonly { what: string; pattern: RegExp }[] = [
  { what: "Hugging Face token", pattern: /\bhf_[A-Za-z0-9]{30,}/g },
  { what: "API key", pattern: /\bsk-(?:[a-z]+-)?[A-Za-z0-9_-]{20,}/g },
  { what: "AWS access key", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { what: "GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,})/g },
  { what: "GitLab token", pattern: /\bglpat-[\w-]{20,}/g },
  { what: "Slack token", pattern: /\bxox[abprs]-[\w-]{10,}/g },
  { what: "Google API key", pattern: /\bAIza[\w-]{35}/g },
  { what: "W&B API key", pattern: /\bwandb_v1_\w{40,}/g },
  // Forty hexadecimal digits are a commit too, so only where a key says what they are.
  {
    what: "W&B API key",
    pattern: /(?:api[_-]?key|wandb[\w.-]*(?:key|token|login))["']?\s*[:= ]\s*["']?([0-9a-f]{40})\b/gi,
  },
  { what: "password in an address", pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@'"]+:([^\s/@'"]{3,})@/gi },
  {
    what: "secret",
    pattern: /\b[A-Z][A-Z0-9_]*(?:_KEY|_TOKEN|_SECRET|_PASSWORD)\b["']?\s*[:=]\s*["']?((?=[^\s"']*\d)[\w+/=.-]{16,})/g,
  },
];

const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** In order of place, none inside another. */
export function findSecrets(text: string): SecretLike[] {
  return text.split("\n").flatMap((line, number) => placesIn(line).map((place) => ({ ...place, line: number })));
}

function placesIn(line: string): Omit<SecretLike, "line">[] {
  // Long lines are data, and a person wrote none of them.
  if (line.length > 20_000) return [];
  const found: Omit<SecretLike, "line">[] = [];
  const key = privateKey.exec(line);
  if (key) found.push({ column: key.index, endColumn: key.index + key[0].length, what: "private key" });
  for (const { what, pattern } of looks) {
    for (const match of line.matchAll(pattern)) {
      const secret = match[1] ?? match[0];
      const column = match.index + match[0].lastIndexOf(secret);
      const endColumn = column + secret.length;
      const overlaps = found.some((other) => column < other.endColumn && other.column < endColumn);
      if (!overlaps && !isPlaceholder(secret)) found.push({ column, endColumn, what });
    }
  }
  return found.sort((a, b) => a.column - b.column);
}

/** `hf_xxxxxxxx` and `sk-your-key-here` are how documents say where a secret belongs. */
const isPlaceholder = (secret: string): boolean =>
  new Set(secret.slice(-24)).size < 6 || /your|example|xxxx|changeme|placeholder/i.test(secret);

/** The text with each look-alike replaced by what it looked like. Private keys lose their whole block. */
export function withoutLookalikes(text: string): string {
  const blocks = text.replace(
    /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]*?(?:-----END \1PRIVATE KEY-----|$)/g,
    "<private key>",
  );
  return blocks
    .split("\n")
    .map((line) =>
      placesIn(line).reduceRight(
        (rest, { column, endColumn, what }) => `${rest.slice(0, column)}<${what}>${rest.slice(endColumn)}`,
        line,
      ),
    )
    .join("\n");
}
