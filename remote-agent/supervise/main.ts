// The program beside a run: `node supervisor.js supervise FOLDER ATTEMPT`, or `stop` where no supervisor lives any more. Bundled apart
// from the agent: it stays beside the training for days, so it holds what supervision needs and nothing else.
import { messageOf } from "../../core/base/errors";
import { keepInUse } from "../disk/keepInUse";
import { runStopper } from "./stopper";
import { supervise } from "./supervisor";

const [task, folder = "", attempt = "1"] = process.argv.slice(2);

keepInUse(true);
(task === "stop" ? runStopper : supervise)(folder, Number(attempt)).then(
  // What keeps timers of its own has done its part.
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`runside: ${messageOf(error)}\n`);
    process.exit(1);
  },
);
