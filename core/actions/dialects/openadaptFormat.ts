// OpenAdapt's words for an action (datasets/next_action.py; formats/gui-and-trainers.md 1.6.6). Where its formatter falls back to
// ACTION(type=...), which no parser accepts, this gives null instead.
import type { Action } from "../../model/action";

/** Python's `.2f`, whose exact halves go to the even neighbour. */
function twoDecimals(value: number): string {
  const hundredths = value * 100;
  const floor = Math.floor(hundredths);
  const isHalf = hundredths - floor === 0.5 && (value * 8) % 1 === 0;
  return isHalf && floor % 2 === 0 ? (floor / 100).toFixed(2) : value.toFixed(2);
}

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');

export function formatOpenadapt({ kind, x, y, frame, element, text = "" }: Action): string | null {
  // Its labels are numbers, and its Action: line ends at the line break.
  if ((element !== undefined && !/^\d+$/.test(element)) || text.includes("\n")) return null;
  switch (kind) {
    case "click":
      if (element !== undefined) return `CLICK([${element}])`;
      if (x === undefined || y === undefined || frame !== "unit") return null;
      return `CLICK(x=${twoDecimals(x)}, y=${twoDecimals(y)})`;
    case "type":
      return element === undefined ? `TYPE(text="${escaped(text)}")` : `TYPE([${element}], "${escaped(text)}")`;
    case "wait":
      return "WAIT()";
    case "done":
      return "DONE()";
    default:
      return null;
  }
}
