// What the SSH config asks for and Runside's own SSH cannot do, by name: the reason to take the user's `ssh` instead.
import { kerberosTicket } from "./kerberos";
import type { RawConfig } from "./sshConfig";

/** Honoured by our own SSH, or decided by Runside for every connection (terminals, forwards, what runs there). */
const settled = new Set(
  `host hostname user port addressfamily bindaddress identityfile identitiesonly identityagent hostkeyalias
  userknownhostsfile globalknownhostsfile stricthostkeychecking hashknownhosts proxyjump proxycommand connecttimeout
  serveraliveinterval serveralivecountmax pubkeyauthentication passwordauthentication kbdinteractiveauthentication
  challengeresponseauthentication preferredauthentications numberofpasswordprompts batchmode

  forwardagent forwardx11 forwardx11trusted forwardx11timeout xauthlocation localforward remoteforward dynamicforward
  gatewayports exitonforwardfailure clearallforwardings streamlocalbindmask streamlocalbindunlink permitremoteopen
  tunnel tunneldevice requesttty escapechar enableescapecommandline remotecommand sessiontype stdinnull
  forkafterauthentication permitlocalcommand localcommand controlmaster controlpath controlpersist visualhostkey
  fingerprinthash sendenv loglevel logverbose syslogfacility ipqos tcpkeepalive addkeystoagent updatehostkeys checkhostip
  rekeylimit connectionattempts obscurekeystroketiming channeltimeout versionaddendum tag ignoreunknown compression
  canonicaldomains canonicalizefallbacklocal canonicalizehostname canonicalizemaxdots canonicalizepermittedcnames
  warnweakcrypto usekeychain`
    .split(/\s+/)
    .filter(Boolean),
);

/** As OpenSSH's manual writes them; others are named as `ssh -G` prints them. */
const names: Readonly<Record<string, string>> = {
  certificatefile: "CertificateFile",
  pkcs11provider: "PKCS11Provider",
  securitykeyprovider: "SecurityKeyProvider",
  gssapiauthentication: "GSSAPIAuthentication",
  gssapikeyexchange: "GSSAPIKeyExchange",
  knownhostscommand: "KnownHostsCommand",
  hostbasedauthentication: "HostbasedAuthentication",
  revokedhostkeys: "RevokedHostKeys",
  verifyhostkeydns: "VerifyHostKeyDNS",
  bindinterface: "BindInterface",
  proxyusefdpass: "ProxyUseFdpass",
  kexalgorithms: "KexAlgorithms",
  hostkeyalgorithms: "HostKeyAlgorithms",
  pubkeyacceptedalgorithms: "PubkeyAcceptedAlgorithms",
  ciphers: "Ciphers",
  macs: "MACs",
  setenv: "SetEnv",
};

export interface ConfigLimits {
  /** Keywords for which this connection needs the user's own ssh. */
  needs: string[];
  /** Keywords of the system's own defaults that our SSH leaves aside; ssh2's algorithms stand in their place. */
  leftAside: string[];
}

const isUnset = (key: string, value: string): boolean =>
  ["none", "no", "false", ""].includes(value.toLowerCase()) || (key === "securitykeyprovider" && value === "internal");

/**
 * `program` is what ssh does without any config, `system` with the machine's alone: null where they are not known, as
 * where no ssh exists, and then everything written counts.
 */
export async function limitsOf(
  raw: RawConfig,
  program: RawConfig | null,
  system: RawConfig | null,
): Promise<ConfigLimits> {
  const limits: ConfigLimits = { needs: [], leftAside: [] };
  for (const [key, values] of raw) {
    if (settled.has(key)) continue;
    const text = values.join(" ");
    const same = (other: RawConfig | null): boolean => other?.get(key)?.join(" ") === text;
    if (same(program) || (program === null && isUnset(key, text))) continue;
    // Distributions turn it on for everybody; it means something only to who holds a ticket.
    if (key.startsWith("gssapi") && !(raw.get("gssapiauthentication")?.[0] === "yes" && (await kerberosTicket())))
      continue;
    const name = names[key] ?? key;
    // A distribution's choice of algorithms is a default, a user's is a wish.
    if (same(system) && isAlgorithmList(key)) limits.leftAside.push(name);
    else limits.needs.push(name);
  }
  return limits;
}

function isAlgorithmList(key: string): boolean {
  return /algorithms$|^ciphers$|^macs$|^requiredrsasize$/.test(key);
}
