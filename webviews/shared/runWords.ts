// What a run's state is called, with its icon and tone. Colour is never the only sign: word and icon say it too.
import { isLive, type ProgressView, type RunViewStatus } from "../../core/model/run";
import { formatDuration, formatNumber, formatStep } from "./format";
import type { IconName } from "./icons";
import type { LinkView } from "./runStore";
import { t } from "./strings";

export interface StateWords {
  word: string;
  icon: IconName;
  tone: "good" | "bad" | "warn" | "busy" | "calm";
  /** One sentence more, where there is one to say. */
  detail: string;
}

export function stateWords(status: RunViewStatus | null): StateWords {
  const words = ownWords(status);
  if (!status?.left) return words;
  // Of a run that has ended; what is left may hold its GPU.
  const left = [leftRunning(status.left), status.stopping ? t("Sent so far: {0}", status.stopping.signal) : ""];
  return {
    ...words,
    tone: words.tone === "good" ? "warn" : words.tone,
    detail: [words.detail, ...left].filter(Boolean).join(" "),
  };
}

type Left = NonNullable<RunViewStatus["left"]>;

const leftRunning = (left: Left): string => t("Left running: {0}. Stop ends them.", namesOf(left));

function namesOf(left: Left): string {
  const names = left.slice(0, 8).map(({ pid, name }) => `${name} (${pid})`);
  const more = left.length > names.length ? [t("{0} more", left.length - names.length)] : [];
  return [...names, ...more].join(", ");
}

function ownWords(status: RunViewStatus | null): StateWords {
  if (!status) return { word: t("Experiment folder"), icon: "folder", tone: "calm", detail: "" };
  const reason = status.reason ?? "";
  switch (status.state) {
    case "queued":
      return { word: t("Queued"), icon: "queued", tone: "calm", detail: reason };
    case "starting":
      return { word: t("Starting"), icon: "queued", tone: "busy", detail: reason };
    case "running":
      if (status.sent.length > 0) {
        return {
          word: t("Stopping"),
          icon: "stop",
          tone: "warn",
          detail: t("Sent so far: {0}", status.sent.join(", ")) + leftWords(status),
        };
      }
      if (status.health?.verdict === "hung")
        return { word: t("Running, hung"), icon: "warning", tone: "bad", detail: status.health.sentence };
      if (status.health?.verdict === "slow")
        return { word: t("Running, slow"), icon: "warning", tone: "warn", detail: status.health.sentence };
      return { word: t("Running"), icon: "running", tone: "busy", detail: reason };
    case "unsupervised":
      return {
        word: t("Running, unsupervised"),
        icon: "warning",
        tone: "warn",
        detail: reason || t("The process runs on, but its supervisor is gone: its exit code may never be known."),
      };
    case "succeeded":
      return status.but
        ? { word: t("Finished, but"), icon: "warning", tone: "warn", detail: status.but }
        : { word: t("Succeeded"), icon: "succeeded", tone: "good", detail: reason };
    case "failed":
      return {
        word: t("Failed"),
        icon: "failed",
        tone: "bad",
        detail: failureWords(status, reason),
      };
    case "cancelled":
      return { word: t("Cancelled"), icon: "cancelled", tone: "calm", detail: reason };
    case "lost":
      return {
        word: t("Lost"),
        icon: "warning",
        tone: "bad",
        detail: reason || t("The process ended and nobody saw how; the log may say."),
      };
  }
}

/** What a stop still waits for, and when it goes on. */
function leftWords({ stopping }: RunViewStatus): string {
  if (!stopping || stopping.left.length === 0) return "";
  const left = namesOf(stopping.left);
  if (stopping.until === null) return `; ${t("left: {0}", left)}`;
  return `; ${t("left until {0}: {1}", new Date(stopping.until).toLocaleTimeString(), left)}`;
}

/** Most reasons name the signal or the code themselves. */
function failureWords(status: RunViewStatus, reason: string): string {
  const { signal, exitCode } = status;
  const named = signal ? reason.includes(signal) : new RegExp(`\\bcode ${exitCode}\\b`).test(reason);
  return [named ? "" : exitWords(status), reason].filter(Boolean).join(": ");
}

function exitWords(status: RunViewStatus): string {
  if (status.signal) return t("ended by {0}", status.signal);
  return status.exitCode === null ? "" : t("exit code {0}", status.exitCode);
}

/** `step 120/500 · reward 0.61 · 2 min left` */
export function progressWords(progress: ProgressView, status: RunViewStatus | null): string {
  const { step, total, reward, secondsLeft } = progress;
  const live = status !== null && isLive(status.state);
  const parts = [
    step === null
      ? ""
      : total === null
        ? t("step {0}", formatStep(step))
        : t("step {0}/{1}", formatStep(step), formatStep(total)),
    reward === null ? "" : t("reward {0}", formatNumber(reward)),
    live && secondsLeft !== null ? t("{0} left", formatDuration(secondsLeft)) : "",
    !live && status?.startedAt && status.endedAt
      ? t("took {0}", formatDuration((Date.parse(status.endedAt) - Date.parse(status.startedAt)) / 1000))
      : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

export function linkWords(link: LinkView, box: string, now: number): string {
  const age = formatDuration((now - (link.seenAt ?? link.since)) / 1000);
  switch (link.state) {
    case "connected":
      return box;
    case "connecting":
      return link.seenAt === undefined ? t("{0}: connecting…", box) : t("{0}: connecting… data from {1} ago", box, age);
    case "lost":
      return t("{0}: reconnecting… data from {1} ago", box, age);
    case "failed":
      return t("{0}: not connected. Data from {1} ago", box, age);
  }
}
